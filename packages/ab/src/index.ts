/**
 * Compares the modes on a real chain with the real kernel: `agd ab`, and the
 * cases of `make bench` that need a chain.
 */
export { Bed, type BedOptions } from './bed.js';
export { Comparison, differences, type Pair } from './comparison.js';
export {
  accounts,
  agdIn,
  makeLocalChain,
  setBootstrap,
  type LocalChain,
} from './local-chain.js';
export * from './metrics.js';
export { ChainNode, type Mode, type Transport, type Way } from './node.js';
export { freePorts } from './ports.js';
export * from './proc.js';
export type { Measure, ProcessRow, Report } from './report.js';
export type { BlockSample, ProcessUse } from './side.js';
export * from './tx.js';
