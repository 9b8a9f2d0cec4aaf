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

/**
 * Numbers of children of the paths that chain storage has from the start.
 */
export const CHILDREN = [100, 1000, 10_000, 100_000] as const;

const growing = (
  op: 'storage' | 'children',
  name: string,
  sizes: readonly number[],
): CallCase[] =>
  sizes.map((size) => ({
    name: name.replace('N', size.toLocaleString('en')),
    op,
    bytes: 0,
    outstanding: 1,
    cpus: 'any',
    operations: size,
    base: 'in-process chain storage',
    grows: { name: name.replace('N ', ''), size },
  }));

/** How chain storage's cost grows: entries that a block writes, and reads of many. */
export const storageCases: readonly CallCase[] = [
  ...growing(
    'storage',
    'storage, N entries of 4 KiB in a block',
    [10, 100, 1000],
  ),
  ...growing('children', 'storage, N children of a path', CHILDREN),
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
