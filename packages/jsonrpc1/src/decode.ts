import { ProtocolError, type Json, type Limits } from '@agd-bridge/bridge';

import type { Message } from './message.js';
import { Scanner, SyntaxFault, unquote } from './scanner.js';
import { checkValues } from './values.js';

/** The limits that the codec checks. */
export type CodecLimits = Pick<Limits, 'maxFrameBytes' | 'maxNesting'>;

type Name = 'id' | 'method' | 'params' | 'result' | 'error';

const callNames: readonly string[] = ['id', 'method', 'params'];
const responseNames: readonly string[] = ['id', 'result', 'error'];

/**
 * Parses one frame: valid UTF-8, without its newline. Checks the whole frame;
 * the values in it stay raw text.
 *
 * @param stream names the frame's origin, for the error: `from go`
 * @throws {ProtocolError} the frame breaks a rule
 */
export function decode(
  frame: string,
  limits: CodecLimits,
  stream: string,
): Message {
  checkLength(frame, limits, stream);
  const scanner = new Scanner(frame, limits.maxNesting);
  try {
    checkValues(frame);
    return (
      commonResponse(scanner) ??
      commonCall(scanner) ??
      new Members(scanner).message()
    );
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    throw new ProtocolError(
      `${stream}: byte ${String(byteOffset(frame, fault.index))}: expected ${fault.expected}`,
    );
  }
}

/**
 * Converts an index to an offset in UTF-8 bytes, as Go counts; called only to
 * report an error.
 */
export function byteOffset(text: string, index: number): number {
  return Buffer.byteLength(text.slice(0, index));
}

function checkLength(frame: string, limits: CodecLimits, stream: string): void {
  const max = limits.maxFrameBytes;
  // A UTF-16 code unit takes at most 3 bytes: short frames need no counting.
  if (frame.length * 3 > max && Buffer.byteLength(frame) > max) {
    throw overLimit(max, stream);
  }
}

/** The error for a frame that is too long. */
export function overLimit(
  maxFrameBytes: number,
  stream: string,
): ProtocolError {
  return new ProtocolError(atMostBytes(maxFrameBytes, stream));
}

/** The fault of a frame that is too long. */
export function atMostBytes(maxFrameBytes: number, stream: string): string {
  const max = String(maxFrameBytes);
  return `${stream}: byte ${max}: expected a frame of at most ${max} bytes (maxFrameBytes)`;
}

const PREFIX = '{"id":';
const RESULT = ',"result":';
const SUCCESS = ',"error":null}';
const METHOD = ',"method":"';
const PARAMS = ',"params":[';
const NULL = 'null';

/**
 * The fast paths: a successful response, and a request or a notification, in
 * the order in which our encoders write the members. Everything else, malformed
 * frames included, is left to {@link Members}, with the scanner back at the
 * start.
 */
function commonResponse(scanner: Scanner): Message | undefined {
  const { text } = scanner;
  if (!text.startsWith(PREFIX) || !text.endsWith(SUCCESS)) return undefined;
  const at = endOfId(text);
  if (at === undefined || !text.startsWith(RESULT, at)) return undefined;
  const start = at + RESULT.length;
  if (text.charCodeAt(start) <= 0x20) return undefined;
  scanner.pos = start;
  scanner.value(1);
  if (scanner.pos !== text.length - SUCCESS.length) {
    scanner.pos = 0;
    return undefined;
  }
  const id = Number(text.slice(PREFIX.length, at));
  const result = text.slice(start, scanner.pos);
  return { kind: 'response', id, result, error: undefined };
}

function commonCall(scanner: Scanner): Message | undefined {
  const { text } = scanner;
  if (!text.startsWith(PREFIX) || !text.endsWith(']}')) return undefined;
  const isNotification = text.startsWith(NULL, PREFIX.length);
  const at = isNotification ? PREFIX.length + NULL.length : endOfId(text);
  if (at === undefined || !text.startsWith(METHOD, at)) return undefined;
  const name = at + METHOD.length;
  const end = text.indexOf('"', name);
  const method = text.slice(name, end);
  if (end === -1 || !plainName.test(method)) return undefined;
  if (!text.startsWith(PARAMS, end + 1)) return undefined;
  const first = end + 1 + PARAMS.length;
  if (text.charCodeAt(first) <= 0x20) return undefined;
  scanner.pos = first;
  const params = text[first] === ']' ? [] : paramsOf(scanner);
  if (scanner.pos !== text.length - 2) {
    scanner.pos = 0;
    return undefined;
  }
  if (isNotification) return { kind: 'notification', method, params };
  const id = Number(text.slice(PREFIX.length, at));
  return { kind: 'request', id, method, params };
}

const plainName = /^[\w.]+$/;

/**
 * Values with commas between them; the scanner moves from the first to the
 * position after the last.
 */
function paramsOf(scanner: Scanner): Json[] {
  const params: Json[] = [];
  do {
    scanner.space();
    const start = scanner.pos;
    scanner.value(2);
    params.push(scanner.text.slice(start, scanner.pos));
  } while (scanner.take(0x2c /* , */));
  return params;
}

/**
 * End of a frame's all-digit id, as our encoders write one; the id must be a
 * safe integer.
 */
function endOfId(text: string): number | undefined {
  let at = PREFIX.length;
  while (isDigit(text.charCodeAt(at))) at += 1;
  const digits = at - PREFIX.length;
  const isPlain = digits === 1 || text[PREFIX.length] !== '0';
  return digits > 0 && digits < MAX_DIGITS && isPlain ? at : undefined;
}

/** Digits of 2^53; a number with fewer digits is smaller. */
const MAX_DIGITS = 16;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Reads the members of a frame in any order. */
class Members {
  readonly #scanner: Scanner;
  /**
   * The allowed member names: those of both kinds, until a name belongs to one
   * kind only.
   */
  #names: readonly string[] | undefined;
  #seen = new Set<Name>();
  #id: number | null = null;
  #idIndex = 0;
  #method = '';
  #params: readonly Json[] = [];
  #result: Json = 'null';
  #error: string | undefined;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  message(): Message {
    const scanner = this.#scanner;
    if (!scanner.take(0x7b /* { */)) scanner.fail('"{"');
    if (!scanner.take(0x7d /* } */)) {
      do this.#member();
      while (scanner.take(0x2c /* , */));
      if (!scanner.take(0x7d /* } */)) scanner.fail('"," or "}"');
    }
    const end = scanner.pos - 1;
    scanner.end('the end of the frame');
    return this.#assemble(end);
  }

  #member(): void {
    const scanner = this.#scanner;
    scanner.space();
    const index = scanner.pos;
    const name = unquote(scanner.memberName());
    this.#admit(name, index);
    scanner.space();
    switch (name) {
      case 'id':
        this.#readId();
        break;
      case 'method':
        this.#readMethod();
        break;
      case 'params':
        this.#readParams();
        break;
      case 'result':
        this.#readResult();
        break;
      default:
        this.#readError();
    }
  }

  /**
   * Refuses a name that is unknown, belongs to the other kind, or is a
   * duplicate.
   */
  #admit(name: string, index: number): asserts name is Name {
    const isCall = callNames.includes(name);
    const isResponse = responseNames.includes(name);
    if (!isCall && !isResponse) {
      this.#scanner.fail(
        '"id", "method", "params", "result" or "error"',
        index,
      );
    }
    this.#names ??=
      name === 'id' ? undefined : isCall ? callNames : responseNames;
    if (this.#names && !this.#names.includes(name)) {
      const [a, b, c] = this.#names;
      this.#scanner.fail(`"${a ?? ''}", "${b ?? ''}" or "${c ?? ''}"`, index);
    }
    if (this.#seen.has(name as Name)) {
      this.#scanner.fail(`"${name}" only once`, index);
    }
    this.#seen.add(name as Name);
  }

  /** Moves behind a value; returns its raw text. */
  #raw(depth: number): Json {
    const start = this.#scanner.pos;
    this.#scanner.value(depth);
    return this.#scanner.text.slice(start, this.#scanner.pos);
  }

  #readId(): void {
    this.#idIndex = this.#scanner.pos;
    const raw = this.#raw(1);
    if (raw === 'null') return;
    this.#id = Number(raw);
    if (!/^\d+$/.test(raw) || this.#id > Number.MAX_SAFE_INTEGER) {
      this.#scanner.fail(
        'null or an integer from 0 to 9007199254740991',
        this.#idIndex,
      );
    }
  }

  #readMethod(): void {
    const start = this.#scanner.pos;
    const raw = this.#raw(1);
    if (!raw.startsWith('"')) this.#scanner.fail('a string', start);
    this.#method = unquote(raw);
  }

  #readParams(): void {
    const scanner = this.#scanner;
    if (!scanner.take(0x5b /* [ */)) scanner.fail('"["');
    if (scanner.take(0x5d /* ] */)) return;
    const params = paramsOf(scanner);
    if (!scanner.take(0x5d /* ] */)) scanner.fail('"," or "]"');
    this.#params = params;
  }

  #readResult(): void {
    const start = this.#scanner.pos;
    this.#result = this.#raw(1);
    this.#refuseBoth(start);
  }

  #readError(): void {
    const start = this.#scanner.pos;
    const raw = this.#raw(1);
    if (raw === 'null') return;
    this.#error = messageOfError(raw);
    if (this.#error === undefined) {
      this.#scanner.fail(
        'null, a string or an object with a string "message"',
        start,
      );
    }
    this.#refuseBoth(start);
  }

  #refuseBoth(index: number): void {
    if (this.#result !== 'null' && this.#error !== undefined) {
      this.#scanner.fail('"result" or "error" to be null', index);
    }
  }

  #assemble(end: number): Message {
    const required = this.#names ?? callNames;
    for (const name of required) {
      if (!this.#seen.has(name as Name)) this.#scanner.fail(`"${name}"`, end);
    }
    const id = this.#id;
    if (required === responseNames) {
      if (id === null) {
        this.#scanner.fail(
          'an integer from 0 to 9007199254740991',
          this.#idIndex,
        );
      }
      const [result, error] = [this.#result, this.#error];
      return { kind: 'response', id, result, error };
    }
    const [method, params] = [this.#method, this.#params];
    return id === null
      ? { kind: 'notification', method, params }
      : { kind: 'request', id, method, params };
  }
}

/**
 * The message of an error's valid raw text; of duplicate names the last one
 * wins.
 */
function messageOfError(error: Json): string | undefined {
  let raw: string | undefined = error;
  if (error.startsWith('{')) {
    raw = undefined;
    const scanner = new Scanner(error, Infinity); // its depth was checked
    scanner.pos = 1;
    if (scanner.take(0x7d /* } */)) return undefined;
    do {
      const name = unquote(scanner.memberName());
      scanner.space();
      const start = scanner.pos;
      scanner.value(1);
      if (name === 'message') raw = error.slice(start, scanner.pos);
    } while (scanner.take(0x2c /* , */));
  }
  return raw?.startsWith('"') ? unquote(raw) : undefined;
}
