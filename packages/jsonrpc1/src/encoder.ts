import type { Json, JsonText, SentParams } from '@agd-bridge/bridge';

import {
  byteLengthOf,
  encodeError,
  notificationParts,
  requestParts,
  resultParts,
  textOf,
  type EncoderLimits,
  type Parts,
} from './encode.js';

/**
 * A frame to send: its text; or, of a long one, its bytes and the newline that
 * ends it. A text in parts would be copied once more to become one text.
 */
export type Frame = string | Buffer;

/** Shortest frame that is encoded to bytes, in UTF-16 code units. */
const LONG = 32 * 1024;
// Memory up to this size is reused: it costs less than new memory.
const KEPT_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;
const COMMA = 0x2c;

/** The text of a frame. */
export function frameText(frame: Frame): string {
  return typeof frame === 'string'
    ? frame
    : frame.toString('utf8', 0, frame.length - 1);
}

/** The length of a frame in bytes, without its newline. */
export function frameBytes(frame: Frame): number {
  return typeof frame === 'string'
    ? Buffer.byteLength(frame)
    : frame.length - 1;
}

/**
 * Encodes the frames of one stream. A frame of bytes is valid until the next
 * one is encoded.
 */
export class FrameEncoder {
  readonly #limits: EncoderLimits;
  #bytes = Buffer.alloc(0);

  constructor(limits: EncoderLimits) {
    this.#limits = limits;
  }

  /** @throws {LocalError} invalid arguments or a limit */
  request(id: number, method: string, params: SentParams): Frame {
    return this.#frame(requestParts(id, method, params, this.#limits));
  }

  /** @throws {LocalError} invalid arguments or a limit */
  notification(method: string, params: SentParams): Frame {
    return this.#frame(notificationParts(method, params, this.#limits));
  }

  /**
   * @param params the request's, as they were decoded
   * @throws {LocalError} invalid result or a limit
   */
  result(id: number, result: Json | JsonText, params: readonly Json[]): Frame {
    return this.#frame(resultParts(id, result, this.#limits, params));
  }

  /** @throws {LocalError} a limit */
  error(id: number, message: string): Frame {
    return encodeError(id, message, this.#limits);
  }

  #frame(parts: Parts): Frame {
    if (parts.units < LONG) return textOf(parts);
    const { head, values, tail } = parts;
    const bytes = this.#reserve(byteLengthOf(parts) + 1);
    let end = bytes.write(head);
    values.forEach((value, i) => {
      if (i > 0) {
        bytes[end] = COMMA;
        end += 1;
      }
      end += bytes.write(value, end);
    });
    end += bytes.write(tail, end);
    bytes[end] = NEWLINE;
    return bytes.subarray(0, end + 1);
  }

  #reserve(bytes: number): Buffer {
    if (bytes <= this.#bytes.length) return this.#bytes;
    if (bytes > KEPT_BYTES) return Buffer.allocUnsafeSlow(bytes);
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(2 * bytes, KEPT_BYTES));
    return this.#bytes;
  }
}
