import buffer from 'node:buffer';
import { syncBuiltinESMExports } from 'node:module';

/** How many characters or bytes one call touched. */
type Cost = (
  self: unknown,
  args: readonly unknown[],
  result: unknown,
) => number;

const lengthOf = (value: unknown): number =>
  (value as { readonly length: number }).length;
const one: Cost = () => 1;
const ofSelf: Cost = (self) => lengthOf(self);
const ofArgument: Cost = (_self, [first]) => lengthOf(first);
const ofResult: Cost = (_self, _args, result) => lengthOf(result);

/** All that the codec reads, copies and allocates with. */
const counted: readonly (readonly [owner: object, name: string, cost: Cost])[] =
  [
    [String.prototype, 'charCodeAt', one],
    [String.prototype, 'charAt', one],
    [String.prototype, 'startsWith', ofArgument],
    [String.prototype, 'endsWith', ofArgument],
    [String.prototype, 'slice', ofResult],
    [String.prototype, 'includes', ofSelf],
    [
      String.prototype,
      'indexOf',
      (self, [, from = 0], result) =>
        (result === -1 ? lengthOf(self) : Number(result)) - Number(from),
    ],
    [String.prototype, 'search', ofSelf],
    [String.prototype, 'isWellFormed', ofSelf],
    [String.prototype, 'toWellFormed', ofSelf],
    [Array.prototype, 'join', ofResult],
    [JSON, 'parse', ofArgument],
    [JSON, 'stringify', ofResult],
    [Buffer, 'byteLength', ofArgument],
    [Buffer, 'allocUnsafeSlow', ofResult],
    [Buffer.prototype, 'copy', (_self, _args, result) => Number(result)],
    [
      Buffer.prototype,
      'indexOf',
      (self, _args, result) =>
        result === -1 ? lengthOf(self) : Number(result),
    ],
    [Uint8Array.prototype, 'set', ofArgument],
    [TextDecoder.prototype, 'decode', ofArgument],
    [buffer, 'isUtf8', ofArgument],
  ];

/**
 * Runs something and counts the characters and bytes that the codec touches
 * through JavaScript's own functions: a measure of time that does not depend
 * on the machine.
 */
export function workOf(run: () => void): number {
  let work = 0;
  const originals = counted.map(([owner, name, cost]) => {
    const original = Reflect.get(owner, name) as (...a: unknown[]) => unknown;
    Reflect.set(owner, name, function (this: unknown, ...args: unknown[]) {
      const result = Reflect.apply(original, this, args);
      work += cost(this, args, result);
      return result;
    });
    return original;
  });
  // A sticky expression reads from lastIndex, any other from the start.
  const test = Reflect.get(RegExp.prototype, 'test');
  RegExp.prototype.test = function (text) {
    const from = this.sticky ? this.lastIndex : 0;
    const matches = Reflect.apply(test, this, [text]);
    // Of what it read in vain, only the result is known.
    const end = matches ? this.lastIndex : from + 1;
    work += this.sticky ? end - from : text.length;
    return matches;
  };
  syncBuiltinESMExports();
  try {
    run();
  } finally {
    RegExp.prototype.test = test;
    for (const [i, [owner, name]] of counted.entries()) {
      Reflect.set(owner, name, originals[i]);
    }
    syncBuiltinESMExports();
  }
  return work;
}
