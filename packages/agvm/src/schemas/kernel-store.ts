import Type from 'typebox';

import { done, text, textOrNull, tuple } from './parts.js';

/** A key; any string, including the empty one. */
const key = tuple(text);

/**
 * The kernel's store inside the chain's. The kernel's side is
 * packages/kernel-store. The chain's side is go/x/swingset/kernelstore, which
 * also limits the length of keys and values.
 */
export const kernelStore = {
  'kernelStore.Get': { params: key, result: textOrNull },
  'kernelStore.Has': { params: key, result: Type.Boolean() },
  /** The first key after this one. */
  'kernelStore.GetNextKey': { params: key, result: textOrNull },
  /** Keys with their values; null deletes the key. */
  'kernelStore.Apply': {
    params: Type.Array(tuple(text, textOrNull)),
    result: done,
  },
};
