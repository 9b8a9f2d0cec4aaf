import { LocalError } from '@agd-bridge/bridge';

/**
 * Maximum size of a key and of a value, in bytes of UTF-8: the chain's limits
 * (go/x/swingset/kernelstore).
 */
export const MAX_KEY_BYTES = 32 * 1024;
export const MAX_VALUE_BYTES = 8 * 1024 * 1024;

/** @throws {LocalError} not a valid key, in the words of swing-store */
export function checkKey(key: unknown, name = 'key'): asserts key is string {
  checkText(key, name, MAX_KEY_BYTES);
}

/** @throws {LocalError} not a valid value, in the words of swing-store */
export function checkValue(value: unknown): asserts value is string {
  checkText(value, 'value', MAX_VALUE_BYTES);
}

function checkText(text: unknown, name: string, limit: number): void {
  if (typeof text !== 'string') {
    throw new LocalError(`${name} must be a string`);
  }
  if (!text.isWellFormed()) {
    throw new LocalError(`${name} must not have lone surrogates`);
  }
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 > limit && Buffer.byteLength(text) > limit) {
    throw new LocalError(
      `${name} must have at most ${String(limit)} bytes of UTF-8`,
    );
  }
}
