import {
  JsonText,
  LocalError,
  type Json,
  type SentParams,
} from '@agd-bridge/bridge';

import { atMostBytes, byteOffset, type CodecLimits } from './decode.js';
import { Scanner, SyntaxFault } from './scanner.js';
import { MAX_VALUES, checkValues } from './values.js';

// Number of arrays and objects around a param in its frame.
const PARAM_DEPTH = 2;
const RESULT_DEPTH = 1;

/** The limits, and the name of the frame's stream in errors: `to go`. */
export type EncoderLimits = CodecLimits & { readonly stream?: string };

/** A frame's text in parts; commas belong between the values. */
export interface Parts {
  readonly head: string;
  readonly values: readonly Json[];
  readonly tail: string;
  /** The length of the whole text, in UTF-16 code units. */
  readonly units: number;
}

/** Encodes a request. @throws {LocalError} invalid arguments or a limit */
export function encodeRequest(
  id: number,
  method: string,
  params: SentParams,
  limits: EncoderLimits,
): string {
  return textOf(requestParts(id, method, params, limits));
}

/** Encodes a notification. @throws {LocalError} invalid arguments or a limit */
export function encodeNotification(
  method: string,
  params: SentParams,
  limits: EncoderLimits,
): string {
  return textOf(notificationParts(method, params, limits));
}

/**
 * Encodes a successful response. @throws {LocalError} invalid result or a limit
 */
export function encodeResult(
  id: number,
  result: Json | JsonText,
  limits: EncoderLimits,
): string {
  return textOf(resultParts(id, result, limits));
}

/** Encodes a failed response. @throws {LocalError} a limit */
export function encodeError(
  id: number,
  message: string,
  limits: EncoderLimits,
): string {
  const head = `{"id":${String(id)},"result":null,"error":`;
  return textOf(partsOf(head, [quote(message)], '}', limits));
}

/** The text of a whole frame. */
export function textOf({ head, values, tail }: Parts): string {
  return head + values.join() + tail;
}

/** As {@link encodeRequest}. */
export function requestParts(
  id: number,
  method: string,
  params: SentParams,
  limits: EncoderLimits,
): Parts {
  return callParts(String(id), method, params, limits);
}

/** As {@link encodeNotification}. */
export function notificationParts(
  method: string,
  params: SentParams,
  limits: EncoderLimits,
): Parts {
  return callParts('null', method, params, limits);
}

/**
 * As {@link encodeResult}.
 *
 * @param params the request's own, as the decoder returned them under the same
 * limits: a result that equals one of them is known to be valid
 */
export function resultParts(
  id: number,
  result: Json | JsonText,
  limits: EncoderLimits,
  params: readonly Json[] = [],
): Parts {
  const text =
    typeof result === 'string' && params.includes(result)
      ? result
      : checkedText(result, 'result', RESULT_DEPTH, limits);
  const head = `{"id":${String(id)},"result":`;
  return partsOf(head, [text], ',"error":null}', limits);
}

function callParts(
  id: string,
  method: string,
  params: SentParams,
  limits: EncoderLimits,
): Parts {
  if (typeof method !== 'string' || method === '') {
    throw new LocalError('method must be a non-empty string');
  }
  if (!Array.isArray(params)) {
    throw new LocalError('params must be an array of JSON texts');
  }
  const texts: Json[] = [];
  for (let i = 0; i < params.length; i += 1) {
    const what = `params[${String(i)}]`;
    texts.push(checkedText(params[i], what, PARAM_DEPTH, limits));
  }
  const head = `{"id":${id},"method":${quote(method)},"params":[`;
  return partsOf(head, texts, ']}', limits);
}

/**
 * Returns a text that is one JSON value and may be nested this deep in a frame.
 */
function checkedText(
  given: unknown,
  what: string,
  depth: number,
  limits: EncoderLimits,
): Json {
  let text = given;
  if (given instanceof JsonText) {
    ({ text } = given);
    if (depth + given.depth <= limits.maxNesting) return given.text;
  }
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
  return text;
}

function loneSurrogate(text: string): SyntaxFault {
  return new SyntaxFault(text.search(/\p{Surrogate}/u), 'valid UTF-8');
}

/** The raw text of a string. A lone surrogate becomes U+FFFD, as in Go. */
function quote(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/** A frame's parts, within the limits of a frame. */
function partsOf(
  head: string,
  values: readonly Json[],
  tail: string,
  limits: EncoderLimits,
): Parts {
  const max = limits.maxFrameBytes;
  const commas = Math.max(values.length - 1, 0);
  let units = head.length + commas + tail.length;
  for (const value of values) units += value.length;
  const parts = { head, values, tail, units };
  // A UTF-16 code unit takes at most 3 bytes: short frames need no counting.
  if (units * 3 > max && byteLengthOf(parts) > max) {
    throw new LocalError(atMostBytes(max, limits.stream ?? 'frame'));
  }
  if (units <= MAX_VALUES) return parts;
  const frame = textOf(parts);
  try {
    checkValues(frame);
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    throw new LocalError(
      `${limits.stream ?? 'frame'}: byte ${String(byteOffset(frame, fault.index))}: expected ${fault.expected}`,
    );
  }
  return parts;
}

/** The length of a whole frame in bytes. */
export function byteLengthOf({ head, values, tail }: Parts): number {
  let bytes = Buffer.byteLength(head) + Buffer.byteLength(tail);
  for (const value of values) bytes += Buffer.byteLength(value);
  return bytes + Math.max(values.length - 1, 0);
}
