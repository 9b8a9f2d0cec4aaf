export type {
  Bridge,
  CallOptions,
  Caller,
  CloseReason,
  Handler,
  Json,
  Params,
} from './bridge.js';
export {
  BridgeError,
  ClosedError,
  LocalError,
  ProtocolError,
  RemoteError,
  messageOf,
  type ErrorKind,
} from './errors.js';
export {
  HANDSHAKE_METHOD,
  PROTOCOL_VERSION,
  acceptHandshake,
  type Hello,
} from './handshake.js';
export { defaultLimits, type Limits } from './limits.js';
