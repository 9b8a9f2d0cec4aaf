import { messageOf, type Json } from '@agd-bridge/bridge';

import type { FromGo } from './agcc.js';

/**
 * The kernel's store has, beside its state, the record of the downcalls of the
 * block that was committed last. If the chain did not commit that block, the
 * kernel answers it from there. But a kernel that starts takes that record
 * over in any case, and commits it together with the next block's: a death
 * between the two commits of a process' first block would then repeat the block
 * before it, too, on a chain that has it already. So a record that the chain
 * no longer needs is emptied before the kernel reads it.
 */

/** What this needs of `@agoric/swing-store`. */
export interface SwingStores {
  readonly openSwingStore: (dir: string) => {
    readonly hostStorage: {
      readonly kvStore: {
        get(key: string): string | undefined;
        set(key: string, value: string): void;
      };
      commit(): Promise<void>;
      close(): Promise<void>;
    };
  };
  readonly isSwingStore: (dir: string) => boolean;
}

/** The kernel's entry, which runs `prepare` on the first INIT before the kernel gets it. Order is kept. */
export function withPreparation(
  fromGo: FromGo,
  prepare: (init: Json) => Promise<void>,
): FromGo {
  let prepared: Promise<void> | undefined;
  return (port, action, replier) => {
    if (!prepared && !isInit(action)) {
      fromGo(port, action, replier);
      return;
    }
    prepared ??= prepare(action);
    prepared
      .then(() => {
        fromGo(port, action, replier);
      })
      .catch((error: unknown) => {
        // Of the preparation, or of a kernel that threw instead of replying.
        replier.reject(messageOf(error));
      });
  };
}

/** What is no action is the kernel's to refuse. */
function isInit(action: Json): boolean {
  try {
    const value = JSON.parse(action) as { type?: unknown } | null;
    return value?.type === 'AG_COSMOS_INIT';
  } catch {
    return false;
  }
}

/**
 * Empties the record in the kernel's store, if INIT starts the block after the
 * one that was committed last. A store that is not there yet is left so.
 *
 * @throws {Error} the store cannot be opened or written
 */
export async function forgetSends(
  { isSwingStore, openSwingStore }: SwingStores,
  dir: string,
  init: Json,
): Promise<void> {
  if (!isSwingStore(dir)) return;
  const { blockHeight } = JSON.parse(init) as { blockHeight?: unknown };
  const { hostStorage } = openSwingStore(dir);
  const { kvStore } = hostStorage;
  try {
    if (blockHeight === Number(kvStore.get('host.height') ?? 0) + 1) {
      kvStore.set('host.chainSends', '[]');
      await hostStorage.commit();
    }
  } finally {
    await hostStorage.close();
  }
}
