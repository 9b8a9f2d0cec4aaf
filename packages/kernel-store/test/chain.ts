import { RemoteError, checkedCaller, type Json } from '@agd-bridge/bridge';

// The schemas that agd also checks.
import { downcallChecks } from '../../agvm/src/schemas.js';

/**
 * The chain's side in memory: a map, sorted by bytes when the next key is
 * requested. Checks params and results as agd does, and keeps the last
 * committed block.
 */
export class Chain {
  readonly calls: { readonly method: string; readonly params: Json[] }[] = [];
  /** Refuses all writes, as after END_BLOCK. */
  sealed = false;
  /** Refuses writes of this key. */
  refused: string | undefined;
  #committed = new Map<string, string>();
  #entries = new Map<string, string>();

  readonly caller = checkedCaller(
    {
      callSync: (method, params) => {
        const texts = params.map(String);
        this.calls.push({ method, params: texts });
        const values = texts.map((param) => JSON.parse(param) as never);
        return JSON.stringify(this.#answer(method, values));
      },
      call: () => Promise.reject(new Error('not here')),
      notify: () => undefined,
    },
    downcallChecks,
  );

  get entries(): ReadonlyMap<string, string> {
    return this.#entries;
  }

  /** Number of calls of a method. */
  count(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  commit(): void {
    this.#committed = new Map(this.#entries);
  }

  /** Aborts the block: drops its writes. */
  abort(): void {
    this.#entries = new Map(this.#committed);
  }

  #answer(method: string, params: readonly never[]): unknown {
    const [key] = params as readonly string[];
    switch (method) {
      case 'kernelStore.Get':
        return this.#entries.get(key ?? '') ?? null;
      case 'kernelStore.Has':
        return this.#entries.has(key ?? '');
      case 'kernelStore.GetNextKey':
        return nextKey(this.#entries, key ?? '') ?? null;
      case 'kernelStore.Apply':
        return this.#apply(params);
      default:
        throw new RemoteError(`unknown method ${method}`);
    }
  }

  #apply(changes: readonly (readonly [string, string | null])[]): true {
    const bad = changes.some(([key]) => key === this.refused);
    if (this.sealed || bad) throw new RemoteError('refused');
    for (const [key, value] of changes) {
      if (value === null) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
    return true;
  }
}

/** The first key after this one, by the bytes of its UTF-8. */
export function nextKey(
  entries: ReadonlyMap<string, string>,
  previous: string,
): string | undefined {
  const bytes = Buffer.from(previous);
  return [...entries.keys()]
    .filter((key) => Buffer.compare(Buffer.from(key), bytes) > 0)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))[0];
}
