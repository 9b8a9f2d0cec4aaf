/** A cached entry: its value; null: the key has none. */
export type Known = string | null;

/**
 * A cache of recently used entries, in two generations. When the younger one is
 * full, the older one is dropped; a used entry moves to the younger one. So the
 * cache holds at least the entries used within the last half of the limit.
 */
export class ReadCache {
  readonly #limit: number;
  #young = new Map<string, Known>();
  #old = new Map<string, Known>();
  /** Size of the younger generation, in UTF-16 units. */
  #size = 0;

  /** @param maxCharacters limit, in UTF-16 units of keys and values */
  constructor(maxCharacters: number) {
    this.#limit = maxCharacters / 2;
  }

  /** @returns undefined if the key is not cached */
  get(key: string): Known | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Known): void {
    const size = sizeOf(key, value);
    const before = this.#young.get(key);
    if (before !== undefined) {
      this.#size -= sizeOf(key, before);
      this.#young.delete(key);
    }
    if (this.#size + size > this.#limit && size <= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    this.#old.delete(key);
    if (size > this.#limit) return;
    this.#young.set(key, value);
    this.#size += size;
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#size = 0;
  }
}

export function sizeOf(key: string, value: Known): number {
  return key.length + (value?.length ?? 0);
}
