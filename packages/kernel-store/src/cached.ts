import { LocalError, type Caller, type Json } from '@agd-bridge/bridge';

import { makeCalls, textOf } from './calls.js';
import { ReadCache, sizeOf, type Known } from './read-cache.js';
import type { KVStore } from './store.js';
import { checkKey, checkValue } from './text.js';

export interface CachedKernelStoreOptions {
  /**
   * Maximum size of the read cache, in UTF-16 units of keys and values. Default
   * 32 Mi.
   */
  readonly maxCacheCharacters?: number;
  /**
   * Maximum size of writes that wait for {@link CachedKernelStore.flush}, in
   * UTF-16 units; a write beyond it flushes. Default 8 Mi.
   */
  readonly maxPendingCharacters?: number;
  /**
   * Size at which a batch is sent, in UTF-16 units of JSON. Default 256 Ki: far
   * below a frame's limit.
   */
  readonly batchCharacters?: number;
}

/** A {@link KVStore} that caches reads and batches writes. */
export interface CachedKernelStore extends KVStore {
  /**
   * Sends the pending writes in batches, one downcall each. The host calls it
   * before it responds to END_BLOCK: only then can the chain commit the writes
   * with the block.
   *
   * @throws {RemoteError} the chain refused a batch; it and the later ones stay
   * pending. After the response to END_BLOCK the chain refuses all.
   */
  readonly flush: () => void;
  /**
   * Drops the pending writes and the read cache: for a block that the host
   * abandons. Writes flushed before belong to the chain's block, and are
   * dropped with it.
   */
  readonly discard: () => void;
  /** Number of keys with a pending write. */
  readonly pending: () => number;
}

const MiB = 1024 * 1024;

/**
 * A store that serves reads from a cache and sends writes in batches.
 *
 * - **Reads** see every earlier write through this store, flushed or not.
 *   `getNextKey` always asks the chain, after a flush.
 * - **Writes** wait for {@link CachedKernelStore.flush}, or until
 *   `maxPendingCharacters` is exceeded; only the last write of each key is
 *   sent. A crash before the block's commit loses them, and those already
 *   flushed in that block: a block is durable as a whole or not at all.
 * - **One writer.** No other code may write entries, or the cache becomes
 *   stale. If the chain continues with a different state (an abandoned block,
 *   an older state), call {@link CachedKernelStore.discard}. agd ends the VM
 *   when that happens, so agvm does not need the call.
 *
 * @param caller the bridge; stays owned by the caller
 */
export function makeCachedKernelStore(
  caller: Pick<Caller, 'callSync'>,
  options: CachedKernelStoreOptions = {},
): CachedKernelStore {
  const {
    maxCacheCharacters = 32 * MiB,
    maxPendingCharacters = 8 * MiB,
    batchCharacters = MiB / 4,
  } = options;
  for (const bound of [
    maxCacheCharacters,
    maxPendingCharacters,
    batchCharacters,
  ]) {
    if (!Number.isInteger(bound) || bound < 0) {
      throw new LocalError('bounds must be non-negative integers');
    }
  }
  const calls = makeCalls(caller);
  const cache = new ReadCache(maxCacheCharacters);
  /** The pending writes, by key. */
  let waiting = new Map<string, Known>();
  let waitingSize = 0;

  const known = (key: string): Known | undefined =>
    waiting.get(key) ?? (waiting.has(key) ? null : cache.get(key));

  const write = (key: string, value: Known): void => {
    const before = waiting.get(key);
    if (before !== undefined) waitingSize -= sizeOf(key, before);
    waiting.set(key, value);
    waitingSize += sizeOf(key, value);
    if (waitingSize > maxPendingCharacters) flush();
  };

  const flush = (): void => {
    let texts: Json[] = [];
    let keys: string[] = [];
    let size = 0;
    const send = (): void => {
      calls.apply(texts);
      for (const key of keys) settle(key);
      [texts, keys, size] = [[], [], 0];
    };
    for (const change of waiting) {
      const text = textOf(change);
      if (size > 0 && size + text.length > batchCharacters) send();
      texts.push(text);
      keys.push(change[0]);
      size += text.length;
    }
    if (keys.length > 0) send();
  };

  /**
   * The chain has a write: removes it from the pending ones and puts it into
   * the read cache.
   */
  const settle = (key: string): void => {
    const value = waiting.get(key);
    if (value === undefined) return;
    waiting.delete(key);
    waitingSize -= sizeOf(key, value);
    cache.set(key, value);
  };

  return {
    has: (key) => {
      checkKey(key);
      const value = known(key);
      if (value !== undefined) return value !== null;
      const has = calls.has(key);
      if (!has) cache.set(key, null);
      return has;
    },
    get: (key) => {
      checkKey(key);
      const value = known(key);
      if (value !== undefined) return value ?? undefined;
      const read = calls.get(key);
      cache.set(key, read ?? null);
      return read;
    },
    getNextKey: (previousKey) => {
      checkKey(previousKey, 'previousKey');
      flush();
      return calls.getNextKey(previousKey);
    },
    set: (key, value) => {
      checkKey(key);
      checkValue(value);
      write(key, value);
    },
    delete: (key) => {
      checkKey(key);
      write(key, null);
    },
    flush,
    discard: () => {
      waiting = new Map();
      waitingSize = 0;
      cache.clear();
    },
    pending: () => waiting.size,
  };
}
