import { LocalError, type Caller, type Json } from '@agd-bridge/bridge';

import { makeCalls, textOf } from './calls.js';
import { ReadCache, sizeOf, type Known } from './read-cache.js';
import type { KVStore } from './store.js';
import { checkKey, checkValue } from './text.js';

export interface CachedKernelStoreOptions {
  /** Most UTF-16 units of keys and values that are remembered of reads. Default 32 Mi. */
  readonly maxCacheCharacters?: number;
  /** So many UTF-16 units of writes may wait for {@link CachedKernelStore.flush}; past it they are flushed. Default 8 Mi. */
  readonly maxPendingCharacters?: number;
  /** Least UTF-16 units of JSON with which a batch is full. Default 256 Ki: far below a frame's limit. */
  readonly batchCharacters?: number;
}

/** A {@link KVStore} that remembers reads and collects writes. */
export interface CachedKernelStore extends KVStore {
  /**
   * Writes what waits, in batches, each a downcall. The host calls it before
   * it answers END_BLOCK: only then can the chain commit the writes with the
   * block.
   *
   * @throws {RemoteError} the chain refused a batch; it and those after it
   *   still wait. After END_BLOCK was answered, it refuses all.
   */
  readonly flush: () => void;
  /**
   * Forgets the writes that wait, and all that was read: of a block that the
   * host gives up. What was flushed before belongs to the chain's block, and
   * vanishes with it.
   */
  readonly discard: () => void;
  /** How many keys have a write that waits. */
  readonly pending: () => number;
}

const MiB = 1024 * 1024;

/**
 * A store that answers from its memory what it knows, and writes in batches.
 *
 * - **Reads** see every write that was made here before, flushed or not.
 *   `getNextKey` always asks the chain, after a flush.
 * - **Writes** wait for {@link CachedKernelStore.flush}, or for too many of
 *   them; each key's last one counts. A death before the block's commit loses
 *   them, and those that were flushed in that block: all or nothing of a block
 *   is durable.
 * - **One writer.** Nobody else may write entries, or this remembers what is
 *   not there any more. A chain that goes on with other entries than those
 *   that were seen here (a block given up, an older state) must be told by
 *   {@link CachedKernelStore.discard}; agd ends the VM with itself there, and
 *   so needs none.
 *
 * @param caller the bridge, which stays the caller's own
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
  /** The writes that wait, by key. */
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

  /** The chain has a write: it waits no more, and is remembered as if it had been read. */
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
