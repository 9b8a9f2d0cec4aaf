import type { Json } from '@agd-bridge/bridge';

/**
 * Splits valid JSON text into its parts without parsing them, so that the parts
 * keep their text: `1e400`, long integers, escapes. The text must be valid JSON
 * (the codec and the kernel's own stringify ensure that). For other text the
 * parts are meaningless, but nothing here throws or hangs.
 */

/**
 * The members of an object as pairs of name and raw value, in order; undefined
 * if the text is not an object.
 */
export function membersOf(
  text: Json,
): [name: string, value: Json][] | undefined {
  const parts: [string, Json][] = [];
  let at = skipSpace(text, 0);
  if (text[at] !== '{') {
    return undefined;
  }
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== '}') {
    const nameEnd = endOfValue(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    at = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, at);
    parts.push([name, text.slice(at, end)]);
    at = nextPart(text, end);
  }
  return parts;
}

/**
 * The elements of an array, raw and in order; undefined if the text is not an
 * array.
 */
export function elementsOf(text: Json): Json[] | undefined {
  const parts: Json[] = [];
  let at = skipSpace(text, 0);
  if (text[at] !== '[') {
    return undefined;
  }
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = endOfValue(text, at);
    parts.push(text.slice(at, end));
    at = nextPart(text, end);
  }
  return parts;
}

/** An object's text from its members. */
export function objectOf(
  members: readonly (readonly [name: string, value: Json])[],
): Json {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** The index after the comma that follows a part, or of the closing bracket. */
function nextPart(text: string, end: number): number {
  const at = skipSpace(text, end);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) {
    at += 1;
  }
  return at;
}

/** The index after the value that starts at `at`; always greater than `at`. */
function endOfValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') {
    return endOfString(text, at);
  }
  if (first === '{' || first === '[') {
    return endOfBrackets(text, at);
  }
  const scalarEnd = /[,\]}\s]/g;
  scalarEnd.lastIndex = at + 1;
  return scalarEnd.exec(text)?.index ?? text.length;
}

function endOfString(text: string, at: number): number {
  const stop = /["\\]/g;
  stop.lastIndex = at + 1;
  for (let found = stop.exec(text); found; found = stop.exec(text)) {
    if (found[0] === '"') {
      return stop.lastIndex;
    }
    stop.lastIndex += 1; // the escaped character
  }
  return text.length;
}

function endOfBrackets(text: string, at: number): number {
  const stop = /["[\]{}]/g;
  stop.lastIndex = at;
  let depth = 0;
  for (let found = stop.exec(text); found; found = stop.exec(text)) {
    if (found[0] === '"') {
      stop.lastIndex = endOfString(text, found.index);
    } else {
      depth += found[0] === '[' || found[0] === '{' ? 1 : -1;
      if (depth === 0) {
        return stop.lastIndex;
      }
    }
  }
  return text.length;
}
