import type { Json } from '@agd-bridge/bridge';

/** A message that requires a response. */
export interface Request {
  readonly kind: 'request';
  /** Integer, 0 … 2^53−1. */
  readonly id: number;
  readonly method: string;
  readonly params: readonly Json[];
}

/** A message without a response. */
export interface Notification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: readonly Json[];
}

/** The response to the request with the same id. */
export interface Response {
  readonly kind: 'response';
  readonly id: number;
  /** The raw result; `null` (the text) when the call failed. */
  readonly result: Json;
  /** The failed handler's message; undefined when the call succeeded. */
  readonly error: string | undefined;
}

export type Message = Request | Notification | Response;
