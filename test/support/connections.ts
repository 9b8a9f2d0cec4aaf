import type { NodeOptions } from './node.js';

/**
 * A node's options for each connection of agd and its VM, by the names of
 * test/conformance/backends.ts.
 */
export const connections = {
  split: { mode: 'split', args: ['--split-transport=pipe'] },
  'split-shm': { mode: 'split', args: ['--split-transport=shm'] },
  'in-process': { mode: 'in-process', args: [] },
} as const satisfies Record<string, Pick<NodeOptions, 'mode' | 'args'>>;

export type Connection = keyof typeof connections;
