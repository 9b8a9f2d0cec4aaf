import type { ChainOp } from './chain/cases.js';
import type { Op } from './side.js';
import { storageCases, storeCases } from './store/cases.js';

/** One comparison: each candidate that can do the work does it, in turn. */
export interface Case {
  readonly name: string;
  readonly op: Op | ChainOp;
  /** Unit of its values; nanoseconds if absent. */
  readonly unit?: 'ns' | 'bytes';
  readonly bytes: number;
  readonly outstanding: number;
  /**
   * `one`: all processes of a candidate share one CPU, so that placement does
   * not affect the result.
   */
  readonly cpus: 'any' | 'one';
  /** How many operations a block makes on a store, or how many children a path has. */
  readonly operations?: number;
  /** The cases whose growth it shows, together with the others of this name. */
  readonly grows?: { readonly name: string; readonly size: number };
  /**
   * The candidate that the others are compared with; default: the in-process
   * bridge.
   */
  readonly base?: string;
}

/** A case of calls between the two languages. */
export type CallCase = Case & { readonly op: Op };

const sizes = [
  ['64 B', 64],
  ['4 KiB', 4096],
  ['1 MiB', 1024 * 1024],
] as const;

/**
 * Operation × size × concurrent calls × CPUs, without combinations that show
 * nothing new.
 */
const calls: readonly CallCase[] = sizes.flatMap(([size, bytes]) => [
  ...variants('downcall', size, bytes, [1]),
  ...variants('async downcall', size, bytes, bytes > 65_536 ? [1] : [1, 64]),
  ...variants('upcall', size, bytes, bytes > 65_536 ? [1] : [1, 64]),
]);

/** All cases, one a row. */
export const cases: readonly CallCase[] = [
  { name: 'start', op: 'start', bytes: 0, outstanding: 1, cpus: 'any' },
  ...calls,
  {
    name: 'downcall each 0.5 ms, 64 B',
    op: 'spaced downcall',
    bytes: 64,
    outstanding: 1,
    cpus: 'any',
  },
  // Last, because its nodes keep running.
  ...storeCases,
  ...storageCases,
];

function variants(
  op: Op,
  size: string,
  bytes: number,
  outstanding: readonly number[],
): CallCase[] {
  return outstanding.flatMap((count): CallCase[] => {
    const name = `${op}, ${size}${count > 1 ? `, ${String(count)} outstanding` : ''}`;
    const any: CallCase = { name, op, bytes, outstanding: count, cpus: 'any' };
    // With large payloads the cost of a wake-up is not visible.
    return bytes === 64 && count === 1 && op !== 'async downcall'
      ? [any, { ...any, name: `${name}, one CPU`, cpus: 'one' }]
      : [any];
  });
}
