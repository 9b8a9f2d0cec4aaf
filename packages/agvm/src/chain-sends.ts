import { messageOf, type Json } from '@agd-bridge/bridge';

import type { FromGo } from './agcc.js';

/**
 * The kernel's store contains, beside its state, the record of the last
 * committed block's downcalls. If the chain did not commit that block, the
 * kernel replays the responses from the record. But a starting kernel always
 * loads that record, and commits it together with the next block's. A crash
 * between the two commits of a process's first block would then also repeat the
 * previous block, on a chain that already has it. So a record that the chain no
 * longer needs is emptied before the kernel reads it.
 */

/** The parts of `@agoric/swing-store` used here. */
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

/**
 * A kernel entry that runs `prepare` on the first INIT before the kernel
 * receives it. Order is kept.
 */
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
        // From the preparation, or from a kernel that threw instead of
        // replying.
        replier.reject(messageOf(error));
      });
  };
}

/** The kernel refuses malformed actions itself. */
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
 * last committed one. A store that does not exist yet is not created.
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
