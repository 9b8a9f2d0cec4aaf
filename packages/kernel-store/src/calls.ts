import { ProtocolError, type Caller, type Json } from '@agd-bridge/bridge';

/** The change of an entry: its new value; null: deletion. */
export type Change = readonly [key: string, value: string | null];

/** The downcalls. Their arguments are already checked. */
export interface Calls {
  get(key: string): string | undefined;
  has(key: string): boolean;
  getNextKey(previousKey: string): string | undefined;
  /** @param changes texts made by {@link textOf} */
  apply(changes: readonly Json[]): void;
}

/**
 * Makes the store's downcalls. The params satisfy their schemas by
 * construction; results are checked, with the same messages as those of a
 * checked caller.
 *
 * @throws {ProtocolError} a result violates its schema: the VM must end
 */
export function makeCalls(caller: Pick<Caller, 'callSync'>): Calls {
  const ask = (method: string, key: string): unknown =>
    JSON.parse(caller.callSync(method, [JSON.stringify(key)]));

  const textOrNothing = (method: string, key: string): string | undefined => {
    const result = ask(method, key);
    if (typeof result === 'string') return result;
    if (result === null) return undefined;
    throw wrong(method, 'string or null');
  };

  return {
    get: (key) => textOrNothing('kernelStore.Get', key),
    getNextKey: (key) => textOrNothing('kernelStore.GetNextKey', key),
    has: (key) => {
      const result = ask('kernelStore.Has', key);
      if (typeof result === 'boolean') return result;
      throw wrong('kernelStore.Has', 'boolean');
    },
    apply: (changes) => {
      const result = caller.callSync('kernelStore.Apply', changes);
      if (result !== 'true') throw wrong('kernelStore.Apply', 'true');
    },
  };
}

export function textOf([key, value]: Change): Json {
  const text = value === null ? 'null' : JSON.stringify(value);
  return `[${JSON.stringify(key)},${text}]`;
}

function wrong(method: string, expected: string): ProtocolError {
  return new ProtocolError(`${method}: result: expected ${expected}`);
}
