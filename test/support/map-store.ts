import type { KVStore } from '@agd-bridge/kernel-store';

/** A store in memory, to compare others with. */
export class MapStore implements KVStore {
  readonly #entries = new Map<string, string>();

  /** A copy of another store, made by reading it. */
  static of(other: KVStore): MapStore {
    const copy = new MapStore();
    let key: string | undefined = '';
    if (!other.has(key)) key = other.getNextKey(key);
    for (; key !== undefined; key = other.getNextKey(key)) {
      copy.set(key, other.get(key) ?? 'no value');
    }
    return copy;
  }

  get size(): number {
    return this.#entries.size;
  }

  equals(other: MapStore): boolean {
    return (
      this.size === other.size &&
      [...this.#entries].every(([key, value]) => other.get(key) === value)
    );
  }

  readonly has = (key: string): boolean => this.#entries.has(key);
  readonly get = (key: string): string | undefined => this.#entries.get(key);
  readonly set = (key: string, value: string): void => {
    this.#entries.set(key, value);
  };
  readonly delete = (key: string): void => {
    this.#entries.delete(key);
  };
  /** Compares the bytes of UTF-8. */
  readonly getNextKey = (previousKey: string): string | undefined => {
    const previous = Buffer.from(previousKey);
    let next: Buffer | undefined;
    for (const key of this.#entries.keys()) {
      const bytes = Buffer.from(key);
      const isAfter = bytes.compare(previous) > 0;
      if (isAfter && (!next || bytes.compare(next) < 0)) next = bytes;
    }
    return next?.toString();
  };
}

/** Applies each operation to both. @throws Error they differ */
export function together(store: KVStore, model: KVStore): KVStore {
  const same = <T>(operation: string, one: T, other: T): T => {
    if (one !== other) {
      throw new Error(`${operation}: ${String(one)}, not ${String(other)}`);
    }
    return one;
  };
  return {
    has: (key) => same(`has ${key}`, store.has(key), model.has(key)),
    get: (key) => same(`get ${key}`, store.get(key), model.get(key)),
    getNextKey: (key) =>
      same(`getNextKey ${key}`, store.getNextKey(key), model.getNextKey(key)),
    set: (key, value) => {
      store.set(key, value);
      model.set(key, value);
    },
    delete: (key) => {
      store.delete(key);
      model.delete(key);
    },
  };
}
