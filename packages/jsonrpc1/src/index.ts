/**
 * JSON-RPC v1 messages to frames and back (`docs/protocol.md`). Pure: no I/O,
 * no state beyond a decoder's own bytes. Its twin in Go is
 * `go/bridge/jsonrpc1`; both read the golden frames of `test/vectors`.
 */
export { decode, overLimit, type CodecLimits } from './decode.js';
export {
  encodeError,
  encodeNotification,
  encodeRequest,
  encodeResult,
  type EncoderLimits,
} from './encode.js';
export { FrameDecoder } from './frames.js';
export type { Message, Notification, Request, Response } from './message.js';
export { decodeUtf8, notUtf8 } from './utf8.js';
export { MAX_VALUES, valueAfter } from './values.js';
