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
    const name = unquoted(text.slice(at, nameEnd));
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

const plainString = /^"[^"\\\u0000-\u001f]*"$/;

/** The value of a string's text; most need no parser. */
function unquoted(raw: Json): string {
  return plainString.test(raw) ? raw.slice(1, -1) : (JSON.parse(raw) as string);
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

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
// Of the other bracket, or brace, only this bit differs.
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BRACE_BIT = 0x20;

/** The index after the value that starts at `at`; always greater than `at`. */
function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  if ((first & ~BRACE_BIT) === OPEN_BRACKET) return endOfBrackets(text, at);
  for (let end = at + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    const ends = code === COMMA || (code & ~BRACE_BIT) === CLOSE_BRACKET;
    if (ends || isSpace(code)) return end;
  }
  return text.length;
}

function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1;) {
    let first = end; // of the backslashes before it
    while (first - 1 > at && text.charCodeAt(first - 1) === BACKSLASH) {
      first -= 1;
    }
    if ((end - first) % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function endOfBrackets(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if ((code & ~BRACE_BIT) === OPEN_BRACKET) depth += 1;
    else if ((code & ~BRACE_BIT) === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
