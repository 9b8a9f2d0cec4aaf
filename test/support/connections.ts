import type { NodeOptions } from './node.js';

/** How agd and its VM are connected: by the names of test/conformance/backends.ts, the options of a node. */
export const connections = {
  split: { mode: 'split', args: ['--split-transport=pipe'] },
  'split-shm': { mode: 'split', args: ['--split-transport=shm'] },
  'in-process': { mode: 'in-process', args: [] },
} as const satisfies Record<string, Pick<NodeOptions, 'mode' | 'args'>>;

export type Connection = keyof typeof connections;
