/**
 * Converts JSON-RPC v1 messages to frames and back (`docs/protocol.md`). Pure:
 * no I/O, no state except a decoder's buffer. The Go counterpart is
 * `go/bridge/jsonrpc1`; both are tested with the golden frames of
 * `test/vectors`.
 */
export { decode, overLimit, type CodecLimits } from './decode.js';
export {
  encodeError,
  encodeNotification,
  encodeRequest,
  encodeResult,
  type EncoderLimits,
} from './encode.js';
export { FrameEncoder, frameBytes, frameText, type Frame } from './encoder.js';
export { FrameDecoder } from './frames.js';
export type { Message, Notification, Request, Response } from './message.js';
export { decodeUtf8, notUtf8 } from './utf8.js';
export { MAX_VALUES, valueAfter } from './values.js';
