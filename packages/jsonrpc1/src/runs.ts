/**
 * Regular expressions that skip much valid JSON at once. V8 compiles them to
 * machine code, which is three times as fast as a loop over characters. They
 * match only what the {@link Scanner} accepts, and as much as they can of it;
 * the scanner goes on from there, character by character, and reports what is
 * invalid.
 *
 * Each repetition has an upper bound: a match needs memory for each, to be able
 * to backtrack.
 */

/** The most repetitions in one match. */
const MOST = 64;

const plain = '[^"\\\\\\u0000-\\u001f]*';
const escape = '\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})';
const body = `${plain}(?:${escape}${plain}){0,${String(MOST)}}`;
const string = `"${body}"`;
// Never the start of a longer number, whose rest may be invalid.
const number =
  '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE])';
const scalar = `${string}|${number}|null|true|false`;

function list(item: string): string {
  return `${item}(?:,${item}){0,${String(MOST)}}`;
}

/** A scalar, or an array or object of scalars. */
const flat =
  `(?:${scalar}|\\[(?:${list(`(?:${scalar})`)})?\\]` +
  `|\\{(?:${list(`${string}:(?:${scalar})`)})?\\})`;

/** Values of an array, with commas between them. Nests one level deeper. */
export const elements = new RegExp(list(flat), 'y');

/** Members of an object, with commas between them. Nests one level deeper. */
export const members = new RegExp(list(`${string}:${flat}`), 'y');

/** Part of a string's body, with whole escapes. */
export const text = new RegExp(body, 'y');

/**
 * Shortest text where a match pays: a regular expression is slow to start and
 * fast on long texts.
 */
export const FEW = 128;

/** The end of a match at `pos`; `pos` itself: there is none. */
export function endOfMatch(
  expression: RegExp,
  subject: string,
  pos: number,
): number {
  expression.lastIndex = pos;
  return expression.test(subject) ? expression.lastIndex : pos;
}
