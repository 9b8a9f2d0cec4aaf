import type { Caller } from '@agd-bridge/bridge';

import { makeCalls, textOf } from './calls.js';
import { checkKey, checkValue } from './text.js';

/**
 * The `kvStore` of `@agoric/swing-store`: string keys and values, in the order
 * of the keys' UTF-8. Its functions need no `this`. All throw a `LocalError`
 * for non-strings, lone surrogates and values over the limit.
 */
export interface KVStore {
  readonly has: (key: string) => boolean;
  /** The value, or undefined if the key has none. */
  readonly get: (key: string) => string | undefined;
  /**
   * The first key after this one, which need not have a value; undefined at the
   * end.
   */
  readonly getNextKey: (previousKey: string) => string | undefined;
  readonly set: (key: string, value: string) => void;
  /** Deletes a key; no effect on a key without a value. */
  readonly delete: (key: string) => void;
}

/**
 * A store whose every operation is a downcall. It keeps no state, so it needs
 * no invalidation. A write is part of the running block at once, and durable if
 * and only if the chain commits that block.
 *
 * Works while the chain runs a block action of agvm. After the response to
 * END_BLOCK, set and delete throw a `RemoteError`: the block's app hash is
 * already computed.
 *
 * @param caller the bridge; stays owned by the caller
 */
export function makeKernelStore(caller: Pick<Caller, 'callSync'>): KVStore {
  const calls = makeCalls(caller);
  return {
    has: (key) => {
      checkKey(key);
      return calls.has(key);
    },
    get: (key) => {
      checkKey(key);
      return calls.get(key);
    },
    getNextKey: (previousKey) => {
      checkKey(previousKey, 'previousKey');
      return calls.getNextKey(previousKey);
    },
    set: (key, value) => {
      checkKey(key);
      checkValue(value);
      calls.apply([textOf([key, value])]);
    },
    delete: (key) => {
      checkKey(key);
      calls.apply([textOf([key, null])]);
    },
  };
}
