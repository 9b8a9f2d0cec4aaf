/**
 * Shared by all measurements: statistics of paired rounds, text tables, and an
 * HTML page with plots that loads nothing.
 */
export * from './format.js';
export * from './machine.js';
export * from './page.js';
export * from './plots.js';
export * from './random.js';
export * from './statistics.js';
export * from './svg.js';
