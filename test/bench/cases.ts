import type { ChainOp } from './chain/cases.js';
import type { Op } from './side.js';
import { storeCases } from './store/cases.js';

/** One comparison: the same work by each candidate that can do it, in turn. */
export interface Case {
  readonly name: string;
  readonly op: Op | ChainOp;
  /** Unit of its values; nanoseconds if absent. */
  readonly unit?: 'ns' | 'bytes';
  readonly bytes: number;
  readonly outstanding: number;
  /** `one`: all of a candidate's processes share one CPU, so that their places do not differ. */
  readonly cpus: 'any' | 'one';
  /** How many operations a block makes on a store. */
  readonly operations?: number;
  /** The candidate that the others are compared with; the bridge's in-process one, if there is none. */
  readonly base?: string;
}

/** A case of calls between the two languages. */
export type CallCase = Case & { readonly op: Op };

const sizes = [
  ['64 B', 64],
  ['4 KiB', 4096],
  ['1 MiB', 1024 * 1024],
] as const;

/** Operation × size × calls under way × CPUs, without those that show nothing new. */
const calls: readonly CallCase[] = sizes.flatMap(([size, bytes]) => [
  ...variants('downcall', size, bytes, [1]),
  ...variants('async downcall', size, bytes, bytes > 65_536 ? [1] : [1, 64]),
  ...variants('upcall', size, bytes, bytes > 65_536 ? [1] : [1, 64]),
]);

/** Every case, a row each. */
export const cases: readonly CallCase[] = [
  { name: 'start', op: 'start', bytes: 0, outstanding: 1, cpus: 'any' },
  ...calls,
  // Last, for its nodes stay.
  ...storeCases,
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
    // A wake-up's cost hides in large payloads.
    return bytes === 64 && count === 1 && op !== 'async downcall'
      ? [any, { ...any, name: `${name}, one CPU`, cpus: 'one' }]
      : [any];
  });
}
