import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Caller } from '@agd-bridge/bridge';
import {
  makeCachedKernelStore,
  makeKernelStore,
  type KVStore,
} from '@agd-bridge/kernel-store';
import { openSwingStore } from '@agoric/swing-store';

/**
 * `uncached`: every operation is a downcall. `cached`: read cache, and one
 * batch of writes a block. `sqlite`: the kernel's own store. `exported`: the
 * same, with its export data sent to the chain, as today's kernel does, so that
 * the app hash covers them.
 */
export type KernelStoreKind = 'uncached' | 'cached' | 'sqlite' | 'exported';

/** `storage`: chain storage, ./storage.ts; otherwise a store of the kernel's. */
export type StoreKind = KernelStoreKind | 'storage';

/** A store as its host drives it, block by block. */
export interface HostedStore {
  readonly kvStore: KVStore;
  /** Called before and after the operations of a block action. */
  readonly begin: () => void;
  readonly end: () => void;
  /** Called in COMMIT_BLOCK. */
  readonly commit: () => Promise<void>;
}

type Sync = Pick<Caller, 'callSync'>;

const nothing = (): void => undefined;
const commit = async (): Promise<void> => Promise.resolve();

/** @param home agd's home, which contains the kernel's own store */
export function openStore(
  kind: KernelStoreKind,
  caller: Sync,
  home: string,
): HostedStore {
  switch (kind) {
    case 'uncached':
      return {
        kvStore: makeKernelStore(caller),
        begin: nothing,
        end: nothing,
        commit,
      };
    case 'cached': {
      const kvStore = makeCachedKernelStore(caller);
      return { kvStore, begin: nothing, end: kvStore.flush, commit };
    }
    case 'sqlite':
      return openSqlite(home);
    case 'exported':
      return openSqlite(home, (entries) => {
        const params = [...entries].map((entry) => JSON.stringify(entry));
        caller.callSync('swingset.SwingStoreUpdateExportData', params);
      });
  }
}

type Entries = Iterable<[key: string, value: string | null]>;

/**
 * One crank for each block. The kernel has one for each delivery, and exports
 * at the end of each.
 */
function openSqlite(
  home: string,
  exportCallback?: (entries: Entries) => void,
): HostedStore {
  const directory = join(home, 'data', 'agoric');
  mkdirSync(directory, { recursive: true });
  const { kernelStorage, hostStorage } = openSwingStore(
    directory,
    exportCallback && { exportCallback },
  );
  return {
    kvStore: kernelStorage.kvStore,
    begin: kernelStorage.startCrank,
    end: kernelStorage.endCrank,
    commit: async () => hostStorage.commit(),
  };
}
