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
// Never the start of a longer number, whose rest may be invalid.
const number =
  '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE])';

function list(item: string): string {
  return `${item}(?:,${item}){0,${String(MOST)}}`;
}

/**
 * Runs of the values of an array and of the members of an object, with commas
 * between them: scalars, and arrays and objects of scalars, which nest one
 * level deeper.
 */
export interface Runs {
  readonly elements: RegExp;
  readonly members: RegExp;
}

function runsOf(string: string): Runs {
  const scalar = `(?:${string}|${number}|null|true|false)`;
  const array = `\\[(?:${list(scalar)})?\\]`;
  const object = `\\{(?:${list(`${string}:${scalar}`)})?\\}`;
  const flat = `(?:${object}|${string}|${number}|null|true|false|${array})`;
  return {
    elements: new RegExp(list(flat), 'y'),
    members: new RegExp(list(`${string}:${flat}`), 'y'),
  };
}

/** Runs whose strings have no escapes. */
export const plainRuns = runsOf(`"${plain}"`);

/** Runs whose strings may have escapes, which is slower. */
export const escapedRuns = runsOf(`"${body}"`);

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
