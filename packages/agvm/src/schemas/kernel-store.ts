import Type from 'typebox';

import { done, text, textOrNull, tuple } from './parts.js';

/** A key; any string is one, the empty one included. */
const key = tuple(text);

/**
 * The kernel's store inside the chain's. The kernel's side:
 * packages/kernel-store; the chain's: go/x/swingset/kernelstore, which also
 * says how long keys and values may be.
 */
export const kernelStore = {
  'kernelStore.Get': { params: key, result: textOrNull },
  'kernelStore.Has': { params: key, result: Type.Boolean() },
  /** The first key after this one. */
  'kernelStore.GetNextKey': { params: key, result: textOrNull },
  /** Keys with their values; null: the key loses it. */
  'kernelStore.Apply': {
    params: Type.Array(tuple(text, textOrNull)),
    result: done,
  },
};
