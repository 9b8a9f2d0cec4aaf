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

/**
 * A block's work on a store, from the start of END_BLOCK until the chain has
 * committed.
 */
export const storeCases: readonly CallCase[] = [
  row('10,000', 10_000),
  row('100,000', 100_000),
];

const target = (how: string, kind: '' | ', cached'): Target => ({
  name: `100,000 store operations in a block, ${how}, split-shm ÷ in-process`,
  case: 'store, 100,000 operations in a block',
  statistic: 'p50',
  numerator: `split-shm store${kind}`,
  denominator: `in-process store${kind}`,
  comparison: 'ratio',
  op: '<=',
  target: 1.05,
});

export const storeTargets: readonly Target[] = [
  target('with the read cache and batched writes', ', cached'),
  target('a downcall each', ''),
];
