export type {
  Bridge,
  CallOptions,
  Caller,
  CloseReason,
  Handler,
  Json,
  Params,
  SentParams,
} from './bridge.js';
export {
  checkedCaller,
  checkedHandler,
  type Check,
  type Checks,
  type MethodChecks,
} from './checks.js';
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
export { JsonText } from './json-text.js';
export { defaultLimits, type Limits } from './limits.js';
export {
  TypedBridge,
  type HandlerResult,
  type MethodMap,
  type MethodType,
  type TypedChecks,
  type TypedHandler,
} from './typed.js';
