import type { KVStore } from '@agd-bridge/kernel-store';

import { randomFrom } from '@agd-bridge/measure';

/** Number of keys that are written repeatedly. */
const HOT_KEYS = 4000;

/**
 * What the operations read. The same work on equal stores gives the same
 * result, so two stores can be compared.
 */
export interface Seen {
  /** Characters of the values and keys that were read. */
  characters: number;
  /** Number of reads that found a value. */
  found: number;
}

/** Gives every hot key a value. */
export function fill(store: KVStore): void {
  for (let n = 0; n < HOT_KEYS; n += 1) store.set(hotKey(n), value(0, n));
}

/**
 * Makes the given number of operations, distributed as in a kernel's block. Two
 * thirds are reads: 90 % get, 9.9 % has, 0.1 % getNextKey. One third are
 * writes: 80 % set one of 4,000 hot keys, 15 % set a new key, 5 % delete a hot
 * key. Values have about 120 bytes. The same block gives the same operations.
 */
export function work(store: KVStore, block: number, operations: number): Seen {
  const random = randomFrom(block);
  const seen: Seen = { characters: 0, found: 0 };
  const saw = (text: string | undefined): void => {
    if (text === undefined) return;
    seen.characters += text.length;
    seen.found += 1;
  };
  for (let i = 0; i < operations; i += 1) {
    const key = hotKey(Math.floor(random() * HOT_KEYS));
    const kind = random() * 300;
    if (kind < 180) saw(store.get(key));
    else if (kind < 199.8) saw(store.has(key) ? '' : undefined);
    else if (kind < 200) saw(store.getNextKey(key));
    else if (kind < 280) store.set(key, value(block, i));
    else if (kind < 295) store.set(newKey(block, i), value(block, i));
    else store.delete(key);
  }
  return seen;
}

function hotKey(n: number): string {
  return `v${String(n % 40)}.vs.vom.rc.o+d${String(n)}/1`;
}

function newKey(block: number, i: number): string {
  return `v${String(i % 40)}.t.${String(block)}.${String(i)}`;
}

/**
 * A value as the kernel writes it: JSON, whose quotes are escaped on the wire.
 */
function value(block: number, i: number): string {
  return `{"body":"#{\\"amount\\":\\"+${String(block)}000${String(i)}\\",\\"brand\\":\\"$0.Alleged: IST brand\\"}","slots":["ko${String(i)}"]}`;
}
