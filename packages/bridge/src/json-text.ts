import type { Json } from './bridge.js';
import { LocalError, messageOf } from './errors.js';
import { stringified } from './json.js';

/** A shorter text is not nested deeper than any limit that matters. */
const FEW = 256;

/**
 * A JSON text that is known to be one valid value. A bridge sends it without
 * reading it once more, which pays for long texts. Immutable.
 *
 * Only this class makes them: from values, or from texts that it checks.
 */
export class JsonText {
  readonly #text: Json;
  readonly #depth: number;

  private constructor(text: Json, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  /**
   * The text of a value, as {@link TypedBridge} writes it.
   *
   * @param where names the value in the error
   * @throws {LocalError} `value[0].name: JSON cannot carry a function`
   */
  static of(value: unknown, where = 'value'): JsonText {
    const { text, depth } = stringified(value, where);
    // A value of JSON.rawJSON may hold them.
    if (!text.isWellFormed()) {
      throw new LocalError(`${where}: JSON cannot carry a lone surrogate`);
    }
    return new JsonText(text, depth);
  }

  /**
   * Checks a text.
   *
   * @param where names the text in the error
   * @throws {LocalError} it is not one JSON value, or has a line break between
   * its tokens
   */
  static parse(text: Json, where = 'text'): JsonText {
    if (typeof text !== 'string') {
      throw new LocalError(`${where}: expected a string of JSON text`);
    }
    if (/[\n\r]/.test(text)) {
      throw new LocalError(`${where}: expected no line break between tokens`);
    }
    if (!text.isWellFormed()) {
      throw new LocalError(`${where}: expected valid UTF-8`);
    }
    try {
      JSON.parse(text);
    } catch (error) {
      throw new LocalError(`${where}: ${messageOf(error)}`);
    }
    const depth = text.length <= FEW ? text.length / 2 : depthOf(text);
    return new JsonText(text, depth);
  }

  get text(): Json {
    return this.#text;
  }

  /** The levels of its arrays and objects, or more. */
  get depth(): number {
    return this.#depth;
  }

  toString(): Json {
    return this.#text;
  }
}

/**
 * The levels of arrays and objects of a valid text. Not of the parsed value,
 * which has only the last of the members of one name.
 */
function depthOf(text: Json): number {
  let [depth, deepest] = [0, 0];
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (char === '"') i = endOfString(text, i);
    else if (char === ']' || char === '}') depth -= 1;
    else if (char === '[' || char === '{') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    }
  }
  return deepest;
}

/** The index of the closing quote of the string that starts at `start`. */
function endOfString(text: Json, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
