import type { CallCase } from '../cases.js';
import type { Target } from '../targets.js';

const row = (name: string, operations: number): CallCase => ({
  name: `store, ${name} operations in a block`,
  op: 'store',
  bytes: 0,
  outstanding: 1,
  cpus: 'any',
  operations,
  base: 'in-process store',
});

/** A block's work on a store, from the begin of END_BLOCK until the chain has committed. */
export const storeCases: readonly CallCase[] = [
  row('10,000', 10_000),
  row('100,000', 100_000),
];

export const storeTargets: readonly Target[] = [
  {
    name: '100,000 store operations in a block, split-shm ÷ in-process',
    case: 'store, 100,000 operations in a block',
    statistic: 'p50',
    numerator: 'split-shm store',
    denominator: 'in-process store',
    comparison: 'ratio',
    op: '<=',
    target: 1.05,
  },
];
