import { SyntaxFault } from './scanner.js';

/**
 * The most values in a frame. The bytes of a frame bound its text, not what a
 * reader makes of it: a number of one byte becomes an object of many in either
 * language. Each comma and each opening bracket or brace outside strings counts
 * as one value. Go's codec has the same constant (`go/bridge/jsonrpc1/values.go`).
 */
export const MAX_VALUES = 4 * 1024 * 1024;

const [QUOTE, COMMA, BRACKET, BACKSLASH, BRACE] = [
  0x22, 0x2c, 0x5b, 0x5c, 0x7b,
];

/**
 * Checks a frame, which need not be valid JSON.
 *
 * @throws {SyntaxFault} more than {@link MAX_VALUES} values
 */
export function checkValues(frame: string): void {
  const index = valueAfter(frame, MAX_VALUES);
  if (index === undefined) return;
  throw new SyntaxFault(
    index,
    `at most ${String(MAX_VALUES)} values (maxValues)`,
  );
}

/** The index of the first value after the first `most` values of a text; undefined if it has no more. */
export function valueAfter(text: string, most: number): number | undefined {
  if (text.length <= most) return undefined;
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) i = endOfString(text, i);
    else if (unit === COMMA || unit === BRACKET || unit === BRACE) {
      count += 1;
      if (count > most) return i;
    }
  }
  return undefined;
}

/**
 * The index of the closing quote of the string that starts at `start`; the
 * text's length if it has none. Long strings take one native search.
 */
function endOfString(text: string, start: number): number {
  for (let end = start; ;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let first = end; // of the backslashes before it
    while (first - 1 > start && text.charCodeAt(first - 1) === BACKSLASH) {
      first -= 1;
    }
    if ((end - first) % 2 === 0) return end;
  }
}
