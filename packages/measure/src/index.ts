/**
 * What measurements have in common: statistics of paired rounds, tables of
 * text, and a page with plots that loads nothing.
 */
export * from './format.js';
export * from './machine.js';
export * from './page.js';
export * from './plots.js';
export * from './random.js';
export * from './statistics.js';
export * from './svg.js';
