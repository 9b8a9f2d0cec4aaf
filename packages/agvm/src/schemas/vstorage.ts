import Type from 'typebox';

import {
  done,
  entry,
  exact,
  natural,
  nonEmptyText,
  text,
  textOrNull,
  tuple,
} from './parts.js';

/** A path whose children the kernel reads; the empty one is the root. */
const path = tuple(text);

/** Any number of entries, written in this order. */
const entries = Type.Array(entry);

/**
 * Chain storage. The kernel's side: cosmic-swingset's src/chain-main.js and
 * src/export-storage.js, `@agoric/internal`'s src/lib-chainStorage.js; the
 * chain's: go/x/vstorage/keeper/downcalls.go.
 */
export const vstorage = {
  'vstorage.Get': { params: path, result: textOrNull },
  'vstorage.Has': { params: path, result: Type.Boolean() },
  'vstorage.Set': { params: entries, result: done },
  'vstorage.SetWithoutNotify': { params: entries, result: done },
  'vstorage.LegacySet': { params: entries, result: done },
  'vstorage.Append': {
    params: Type.Array(tuple(nonEmptyText, text)),
    result: done,
  },
  'vstorage.Size': { params: path, result: natural },
  'vstorage.Children': { params: path, result: Type.Array(text) },
  'vstorage.Keys': { params: path, result: Type.Array(text) }, // the former name of children
  'vstorage.Entries': { params: path, result: Type.Array(entry) },
  'vstorage.Values': { params: path, result: Type.Array(textOrNull) },
  'vstorage.GetStoreKey': {
    params: path,
    result: exact({
      dataPrefixBytes: text,
      noDataValue: Type.Optional(text),
      storeName: text,
      storeSubkey: text,
    }),
  },
};
