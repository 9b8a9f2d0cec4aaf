import type { Json } from './bridge.js';
import { LocalError, messageOf } from './errors.js';

/**
 * The JSON text of a value, as `JSON.stringify` makes it, and how many levels
 * of arrays and objects it has at most. Throws where `JSON.stringify` would
 * omit something or write null in its place. Only an object's undefined members
 * are omitted: the reader finds them undefined too.
 *
 * @param where names the value in the error
 * @throws {LocalError} `<where>[0].name: JSON cannot carry a function`
 */
export function stringified(
  value: unknown,
  where: string,
): { text: Json; depth: number } {
  let depth = 0;
  /**
   * The objects that contain the value being written, outermost first, and
   * their keys.
   */
  const path: { readonly key: string; readonly value: object }[] = [];

  function check(this: unknown, key: string, value: unknown): unknown {
    while (path.length > 0 && path.at(-1)?.value !== this) path.pop();
    const needed = Array.isArray(this) || path.length === 0;
    const what = path.some((outer) => outer.value === value)
      ? 'a cycle'
      : notCarried(value, needed);
    if (what !== undefined) {
      const keys = [...path.map((outer) => outer.key), key].slice(1);
      throw new LocalError(`${at(where, keys)}: JSON cannot carry ${what}`);
    }
    if (typeof value === 'object' && value !== null) {
      path.push({ key, value });
      depth = Math.max(depth, path.length);
    }
    return value;
  }

  try {
    return { text: JSON.stringify(value, check), depth };
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError(`${where}: ${messageOf(error)}`);
  }
}

/** The kind of a value that JSON cannot represent; undefined if it can. */
function notCarried(value: unknown, neededHere: boolean): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return neededHere ? 'undefined' : undefined;
    case 'function':
    case 'symbol':
    case 'bigint':
      return `a ${typeof value}`;
    case 'number':
      return Number.isFinite(value) ? undefined : String(value);
    default:
      return undefined;
  }
}

/** A place inside a value, in JavaScript's notation. */
function at(where: string, keys: readonly string[]): string {
  const steps = keys.map((key) => {
    if (/^\d+$/.test(key)) return `[${key}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
      ? `.${key}`
      : `[${JSON.stringify(key)}]`;
  });
  return [where, ...steps].join('');
}
