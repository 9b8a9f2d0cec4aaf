import { LocalError, type Json } from '@agd-bridge/bridge';

import { atMostBytes, byteOffset, type CodecLimits } from './decode.js';
import { Scanner, SyntaxFault } from './scanner.js';
import { checkValues } from './values.js';

// Number of arrays and objects around a param in its frame.
const PARAM_DEPTH = 2;
const RESULT_DEPTH = 1;

/** The limits, and the name of the frame's stream in errors: `to go`. */
export type EncoderLimits = CodecLimits & { readonly stream?: string };

/** Encodes a request. @throws {LocalError} invalid arguments or a limit */
export function encodeRequest(
  id: number,
  method: string,
  params: readonly Json[],
  limits: EncoderLimits,
): string {
  return call(String(id), method, params, limits);
}

/** Encodes a notification. @throws {LocalError} invalid arguments or a limit */
export function encodeNotification(
  method: string,
  params: readonly Json[],
  limits: EncoderLimits,
): string {
  return call('null', method, params, limits);
}

/**
 * Encodes a successful response. @throws {LocalError} invalid result or a limit
 */
export function encodeResult(
  id: number,
  result: Json,
  limits: EncoderLimits,
): string {
  checkJson(result, 'result', RESULT_DEPTH, limits);
  const head = `{"id":${String(id)},"result":`;
  return assemble(head, [result], ',"error":null}', limits);
}

/** Encodes a failed response. @throws {LocalError} a limit */
export function encodeError(
  id: number,
  message: string,
  limits: EncoderLimits,
): string {
  const head = `{"id":${String(id)},"result":null,"error":`;
  return assemble(head, [quote(message)], '}', limits);
}

function call(
  id: string,
  method: string,
  params: readonly Json[],
  limits: EncoderLimits,
): string {
  if (typeof method !== 'string' || method === '') {
    throw new LocalError('method must be a non-empty string');
  }
  if (!Array.isArray(params)) {
    throw new LocalError('params must be an array of JSON texts');
  }
  for (let i = 0; i < params.length; i += 1) {
    checkJson(params[i], `params[${String(i)}]`, PARAM_DEPTH, limits);
  }
  const head = `{"id":${id},"method":${quote(method)},"params":[`;
  return assemble(head, params, ']}', limits);
}

/**
 * Checks that a text is one JSON value and may be nested this deep in a frame.
 */
function checkJson(
  text: unknown,
  what: string,
  depth: number,
  limits: EncoderLimits,
): void {
  if (typeof text !== 'string') {
    throw new LocalError(`${what}: expected a string of JSON text`);
  }
  try {
    if (!text.isWellFormed()) throw loneSurrogate(text);
    const scanner = new Scanner(text, limits.maxNesting);
    scanner.value(depth);
    scanner.end('the end of the value');
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    throw new LocalError(
      `${what}: byte ${String(byteOffset(text, fault.index))}: expected ${fault.expected}`,
    );
  }
}

function loneSurrogate(text: string): SyntaxFault {
  return new SyntaxFault(text.search(/\p{Surrogate}/u), 'valid UTF-8');
}

/** The raw text of a string. A lone surrogate becomes U+FFFD, as in Go. */
function quote(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/**
 * Joins a frame with commas between its values; checks the size limit first.
 */
function assemble(
  head: string,
  values: readonly Json[],
  tail: string,
  limits: EncoderLimits,
): string {
  const max = limits.maxFrameBytes;
  const commas = Math.max(values.length - 1, 0);
  let units = head.length + commas + tail.length;
  for (const value of values) units += value.length;
  // A UTF-16 code unit takes at most 3 bytes: short frames need no counting.
  if (units * 3 > max) {
    let bytes = Buffer.byteLength(head) + commas + tail.length;
    for (const value of values) bytes += Buffer.byteLength(value);
    if (bytes > max) {
      throw new LocalError(atMostBytes(max, limits.stream ?? 'frame'));
    }
  }
  const frame = head + values.join() + tail;
  try {
    checkValues(frame);
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    throw new LocalError(
      `${limits.stream ?? 'frame'}: byte ${String(byteOffset(frame, fault.index))}: expected ${fault.expected}`,
    );
  }
  return frame;
}
