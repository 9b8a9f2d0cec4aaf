import type { Caller } from '@agd-bridge/bridge';

import type { Seen } from '../../support/store-work.js';
import { CHILDREN } from './cases.js';

type Sync = Pick<Caller, 'callSync'>;

/** Characters of an entry's value. */
const ENTRY = 4096;
/** Entries in one downcall while storage is filled. */
const BATCH = 1000;

/** Gives a path of each size its children. */
export function fillStorage(caller: Sync): void {
  for (const count of CHILDREN) {
    for (let from = 0; from < count; from += BATCH) {
      const entries = Array.from(
        { length: Math.min(BATCH, count - from) },
        (_, i) => entry(`${parentOf(count)}.child${String(from + i)}`, 'x'),
      );
      caller.callSync('vstorage.SetWithoutNotify', entries);
    }
  }
}

/** Writes entries of 4 KiB, always to the same paths, a downcall each. */
export function writeEntries(caller: Sync, block: number, count: number): Seen {
  const value = String(block).padEnd(ENTRY, 'x');
  for (let i = 0; i < count; i += 1) {
    caller.callSync('vstorage.Set', [
      entry(`entries.entry${String(i)}`, value),
    ]);
  }
  return { characters: 0, found: 0 };
}

/**
 * Reads the children of the path that has this many.
 *
 * @throws {Error} it has another number
 */
export function readChildren(caller: Sync, count: number): Seen {
  const text = caller.callSync('vstorage.Children', [
    JSON.stringify(parentOf(count)),
  ]);
  const { length: found } = JSON.parse(text) as unknown[];
  if (found !== count) {
    throw new Error(`${String(found)} children, not ${String(count)}`);
  }
  return { characters: text.length, found };
}

function parentOf(count: number): string {
  return `parents.of${String(count)}`;
}

function entry(path: string, value: string): string {
  return JSON.stringify([path, value]);
}
