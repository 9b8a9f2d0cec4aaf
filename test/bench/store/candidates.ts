import type { ChainCandidate } from '../candidates.js';
import type { Connection } from '../../support/connections.js';
import { StoreNode } from './node.js';
import type { StoreKind } from './stores.js';

const row = (
  name: string,
  what: string,
  connection: Connection,
  kind: StoreKind,
): ChainCandidate => ({
  name,
  what,
  ops: ['store'],
  start: async () => StoreNode.start(connection, kind),
});

const chainStorage = (connection: Connection): ChainCandidate => ({
  ...row(
    `${connection} chain storage`,
    `chain storage, ${connection}; every entry is a downcall`,
    connection,
    'storage',
  ),
  ops: ['storage', 'children'],
});

const kernelStore = (connection: Connection): ChainCandidate[] => [
  row(
    `${connection} store`,
    `the kernel's store in the chain's, ${connection}; every operation is a downcall`,
    connection,
    'uncached',
  ),
  row(
    `${connection} store, cached`,
    `the same with a read cache and a batch of writes a block`,
    connection,
    'cached',
  ),
];

/**
 * All stores, one a row: where the entries are, and how the VM and the chain
 * are connected.
 */
export const storeCandidates: readonly ChainCandidate[] = [
  ...kernelStore('split'),
  ...kernelStore('split-shm'),
  ...kernelStore('in-process'),
  chainStorage('split-shm'),
  chainStorage('in-process'),
  row(
    'SQLite',
    "the kernel's own store, whose entries the app hash does not cover",
    'in-process',
    'sqlite',
  ),
  row(
    'SQLite, exported',
    'the same as the kernel has it today: the chain gets a copy of each entry, which the app hash covers',
    'in-process',
    'exported',
  ),
];
