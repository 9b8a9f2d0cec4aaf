/**
 * Checks JSON (RFC 8259) without building values. The Go counterpart is
 * `go/bridge/jsonrpc1/scanner.go`: the same functions, the same messages at the
 * same places. One rule goes beyond the grammar: a line break between tokens is
 * refused, because it would end the frame.
 */

import {
  FEW,
  endOfMatch,
  escapedRuns,
  plainRuns,
  text as stringText,
} from './runs.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

const LONG = 64;
/** A run shorter than this was not worth its start. */
const SHORT_RUN = 32;
const MOST_SKIPPED = 64;

/**
 * The fault that stopped a scan; the codec converts it to a ProtocolError or a
 * LocalError.
 */
export class SyntaxFault extends Error {
  constructor(
    /** Index in the text, in UTF-16 code units. */
    readonly index: number,
    readonly expected: string,
  ) {
    super(expected);
  }
}

export class Scanner {
  /** Index of the next character. */
  pos = 0;
  /** Places to pass before the next run is tried. */
  #skipped = 0;
  /** What {@link #skipped} was when it was set. */
  #penalty = 0;

  constructor(
    readonly text: string,
    readonly maxNesting: number,
  ) {}

  /** Aborts the scan. */
  fail(expected: string, index = this.pos): never {
    throw new SyntaxFault(index, expected);
  }

  /** Skips white space. */
  space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.pos);
      // Fast path: our encoders write no white space.
      if (c > SPACE || Number.isNaN(c)) return;
      if (c === 0x0a || c === 0x0d) {
        this.fail('no line break between tokens');
      }
      if (c !== SPACE && c !== 0x09) return;
      this.pos += 1;
    }
  }

  /**
   * Skips white space. If the next character is `code`, moves behind it and
   * returns true.
   */
  take(code: number): boolean {
    this.space();
    if (this.text.charCodeAt(this.pos) !== code) return false;
    this.pos += 1;
    return true;
  }

  /** Moves behind the text's trailing white space; nothing may follow. */
  end(what: string): void {
    this.space();
    if (this.pos < this.text.length) this.fail(what);
  }

  /**
   * Moves behind one value, nested in at most `depth` arrays and objects.
   * Iterative, so that no nesting limit can overflow the stack.
   */
  value(depth: number): void {
    const open: number[] = [];
    do {
      this.space();
      const c = this.text.charCodeAt(this.pos);
      if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        if (depth + open.length >= this.maxNesting) {
          this.fail(
            `at most ${String(this.maxNesting)} levels of nesting (maxNesting)`,
          );
        }
        this.pos += 1;
        const close = c === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
        if (!this.take(close)) {
          open.push(close);
          if (!this.#run(close, depth + open.length)) {
            if (close === CLOSE_BRACE) this.#skipName();
            continue;
          }
        }
      } else {
        this.scalar(c);
      }
      this.#closeOrNext(open, depth);
    } while (open.length > 0);
  }

  /**
   * After a value: closes the containers that end here, and moves to the next
   * value if there is one.
   */
  #closeOrNext(open: number[], depth: number): void {
    for (;;) {
      const close = open.at(-1);
      if (close === undefined) return;
      if (this.take(COMMA)) {
        if (this.#run(close, depth + open.length)) continue;
        if (close === CLOSE_BRACE) this.#skipName();
        return;
      }
      if (!this.take(close)) {
        this.fail(close === CLOSE_BRACE ? '"," or "}"' : '"," or "]"');
      }
      open.pop();
    }
  }

  /**
   * Moves behind as many elements or members as one match covers, of the
   * container that `close` ends and that makes the nesting `depth`. False:
   * nothing moved. Where runs are short, fewer are tried.
   */
  #run(close: number, depth: number): boolean {
    if (this.text.length - this.pos < FEW || depth >= this.maxNesting) {
      return false;
    }
    if (this.#skipped > 0) {
      this.#skipped -= 1;
      return false;
    }
    const { pos } = this;
    const kind = close === CLOSE_BRACE ? 'members' : 'elements';
    this.pos = endOfMatch(plainRuns[kind], this.text, pos);
    if (this.pos - pos < SHORT_RUN) {
      this.pos = endOfMatch(escapedRuns[kind], this.text, pos);
    }
    const isShort = this.pos - pos < SHORT_RUN;
    this.#penalty = isShort ? Math.min(2 * this.#penalty + 1, MOST_SKIPPED) : 0;
    this.#skipped = this.#penalty;
    return this.pos > pos;
  }

  /** Moves behind a member's name and its colon; returns the raw name. */
  memberName(): string {
    this.space();
    const start = this.pos;
    return this.text.slice(start, this.#skipName());
  }

  /** As memberName, but returns the index of the name's end. */
  #skipName(): number {
    this.space();
    if (this.text.charCodeAt(this.pos) !== QUOTE) this.fail('a member name');
    this.string();
    const end = this.pos;
    if (!this.take(COLON)) this.fail('":"');
    return end;
  }

  /** Moves behind a string, a number or a literal, whose first character is `c`. */
  scalar(c: number): void {
    if (c === QUOTE) this.string();
    else if (c === MINUS || (c >= ZERO && c <= NINE)) this.number();
    else if (this.text.startsWith('null', this.pos)) this.pos += 4;
    else if (this.text.startsWith('true', this.pos)) this.pos += 4;
    else if (this.text.startsWith('false', this.pos)) this.pos += 5;
    else this.fail('a value');
  }

  /** Moves behind a string; the next character is its quote. */
  string(): void {
    const { text } = this;
    let i = this.pos + 1;
    const long = i + LONG;
    for (;;) {
      // A regular expression is slow to start and fast on long strings.
      if (i > long) i = endOfMatch(stringText, text, i);
      const c = text.charCodeAt(i);
      if (c === QUOTE) break;
      if (c === BACKSLASH) i = this.#escape(i + 1);
      else if (c >= SPACE) i += 1;
      else if (i < text.length) {
        this.fail('no control character in a string', i);
      } else this.fail('the end of the string', text.length);
    }
    this.pos = i + 1;
  }

  /** `i` is after a backslash; returns the index of the escape's end. */
  #escape(i: number): number {
    const c = this.text.charCodeAt(i);
    if (c !== 0x75 /* u */) {
      if (!/["\\/bfnrt]/.test(this.text.charAt(i))) this.fail('an escape', i);
      return i + 1;
    }
    for (let at = i + 1; at < i + 5; at += 1) {
      if (!/[0-9a-fA-F]/.test(this.text.charAt(at))) {
        this.fail('a hexadecimal digit', at);
      }
    }
    return i + 5;
  }

  /** Moves behind a number; the next character is `-` or a digit. */
  number(): void {
    if (this.text.charCodeAt(this.pos) === MINUS) this.pos += 1;
    if (this.text.charCodeAt(this.pos) === ZERO) this.pos += 1;
    else this.#digits();
    if (this.text.charCodeAt(this.pos) === DOT) {
      this.pos += 1;
      this.#digits();
    }
    const e = this.text.charCodeAt(this.pos) | 0x20;
    if (e === 0x65 /* e */) {
      this.pos += 1;
      const sign = this.text.charCodeAt(this.pos);
      if (sign === 0x2b /* + */ || sign === MINUS) this.pos += 1;
      this.#digits();
    }
  }

  #digits(): void {
    const start = this.pos;
    for (;;) {
      const c = this.text.charCodeAt(this.pos);
      if (!(c >= ZERO && c <= NINE)) break;
      this.pos += 1;
    }
    if (this.pos === start) this.fail('a digit');
  }
}

/**
 * The value of a string's valid raw text. An escape of a lone surrogate
 * becomes U+FFFD, as in Go, whose strings hold no surrogates.
 */
export function unquote(raw: string): string {
  if (!raw.includes('\\')) return raw.slice(1, -1);
  return (JSON.parse(raw) as string).toWellFormed();
}
