import type { Case } from '../cases.js';

/**
 * What is measured of whole nodes, on a real chain with the real kernel:
 * `end block`, END_BLOCK as agd sees it; `first block`, from the start of agd
 * until its first block is committed; `memory`, of all processes of a node,
 * between blocks; `idle`, CPU time of all of its processes in a second in which
 * no block runs.
 */
export type ChainOp = 'end block' | 'first block' | 'memory' | 'idle';

/** Actions in a block of `end block` and `memory`. */
export const ACTIONS = 200;

const row = (
  name: string,
  op: ChainOp,
  unit: 'ns' | 'bytes',
): Case & { readonly op: ChainOp } => ({
  ...{ name, op, unit },
  ...{ bytes: 0, outstanding: 1, cpus: 'any' },
});

/** Every case, a row each; chain.ts runs them. */
export const chainCases = [
  row(`END_BLOCK, ${String(ACTIONS)} actions`, 'end block', 'ns'),
  row('memory of a node', 'memory', 'bytes'),
  row('start to first block', 'first block', 'ns'),
  row('CPU time in a second without a block', 'idle', 'ns'),
] as const;
