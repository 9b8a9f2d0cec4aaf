/**
 * Compares the modes on a real chain with the real kernel: `agd ab`, and the
 * cases of `make bench` that need a chain.
 */
export { Bed, CHAIN_ID, type BedChain, type BedOptions } from './bed.js';
export { ChainNode } from './chain-node.js';
export {
  Comparison,
  differences,
  type Load,
  type Outcome,
  type Pair,
} from './comparison.js';
export type { Measure, ProcessRow, Report } from './report.js';
export type { BlockSample, ProcessUse } from './side.js';
export { workloadOf, type MakeWorkload, type Workload } from './workload.js';
