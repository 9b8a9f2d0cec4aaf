import type { CodecLimits, EncoderLimits } from '@agd-bridge/jsonrpc1';

/**
 * What the property tests ask of a codec, and what it answers: the lines of
 * `go/bridge/cmd/codecpeer` and of its twin, `codecpeer.ts`.
 */
export type Request = DecodeRequest | EncodeRequest;

/** Decode a stream that comes in these chunks. */
export interface DecodeRequest {
  readonly op: 'decode';
  readonly limits: CodecLimits;
  /** Names the stream in errors. */
  readonly stream: string;
  readonly chunks: readonly Base64[];
}

export interface EncodeRequest {
  readonly op: 'encode';
  /** With the stream's name in errors. */
  readonly limits: EncoderLimits;
  readonly message: WireMessage;
}

/** What came before the failure, and the failure. */
export interface Outcome {
  readonly messages: readonly WireMessage[] | null;
  readonly frame: Base64 | null;
  /** The error's message; empty when nothing failed. */
  readonly failure: string;
  /** `protocol` or `local`; empty when nothing failed. */
  readonly failureKind: string;
}

/** A message of any kind; members that its kind has not are null, and its id 0. */
export interface WireMessage {
  readonly kind: 'request' | 'notification' | 'response';
  readonly id: number;
  readonly method: Base64 | null;
  readonly params: readonly Base64[] | null;
  readonly result: Base64 | null;
  /** Null when the call succeeded. */
  readonly error: Base64 | null;
}

export type Base64 = string;

/**
 * The bytes of a text: UTF-8, and three bytes for a lone surrogate, which are
 * not valid UTF-8. Nothing is mended on the way.
 */
export function toBase64(text: string): Base64 {
  const parts = text.split(/(\p{Surrogate})/u).map((part) => {
    const code = part.charCodeAt(0);
    return part.length === 1 && code >= 0xd800 && code <= 0xdfff
      ? Buffer.from([0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)])
      : Buffer.from(part);
  });
  return Buffer.concat(parts).toString('base64');
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The inverse of {@link toBase64}. */
export function fromBase64(base64: Base64): string {
  return Buffer.from(base64, 'base64')
    .toString('latin1')
    .split(/(\xed[\xa0-\xbf][\x80-\xbf])/)
    .map((part, i) => {
      const bytes = Buffer.from(part, 'latin1');
      if (i % 2 === 0) return strict.decode(bytes);
      const [, high = 0, low = 0] = bytes;
      return String.fromCharCode(0xd000 | ((high & 0x3f) << 6) | (low & 0x3f));
    })
    .join('');
}
