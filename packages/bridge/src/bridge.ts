/// <reference types="node" preserve="true" />

import type { JsonText } from './json-text.js';

/**
 * The Bridge: one interface between a Go program and a Node program. The
 * backends (`@agd-bridge/bridge-split`, `@agd-bridge/bridge-inproc`) implement
 * it. To their users they differ in speed only.
 *
 * The Go counterpart is `go/bridge/bridge.go`; the contract of both is in
 * `docs/protocol.md`.
 */

/**
 * One JSON value as its text, exactly as sent: `1e400`, `9007199254740993` and
 * lone surrogate escapes survive. Each side parses only what it uses, with
 * `JSON.parse` or another parser; `JSON.stringify` makes such a text.
 */
export type Json = string;

/** The values of a call or a notification, in order. */
export type Params = readonly Json[];

/**
 * The same as its sender has them. A bridge checks texts; it trusts a {@link
 * JsonText}.
 */
export type SentParams = readonly (Json | JsonText)[];

/**
 * Serves one inbound request or notification; the result of a notification is
 * dropped. Handlers start in the order in which the peer sent the messages; an
 * asynchronous handler may overlap with later ones. What it throws reaches the
 * peer as a remote error: the message, never the stack.
 */
export type Handler = (
  params: Params,
) => Json | JsonText | Promise<Json | JsonText>;

export interface CallOptions {
  /**
   * Abandons the call: the promise rejects with the signal's reason. The peer
   * is not notified; its response is dropped.
   */
  readonly signal?: AbortSignal;
}

/** Sends to the peer. */
export interface Caller {
  /**
   * Calls the peer and resolves with its result.
   *
   * @throws {RemoteError} the peer's handler failed
   * @throws {ClosedError} the bridge is closed, or closes while the call is pending
   * @throws {LocalError} bad arguments, or a limit reached; nothing was sent
   */
  call(
    method: string,
    params: SentParams,
    options?: CallOptions,
  ): Promise<Json>;

  /**
   * Calls the peer and blocks the thread until the response arrives. Messages
   * that arrive during the wait are delivered afterwards, in order. Same errors
   * as {@link call}.
   */
  callSync(method: string, params: SentParams): Json;

  /**
   * Sends a message that has no response. Same local errors as {@link call}.
   */
  notify(method: string, params: SentParams): void;
}

/** One end of a connection to a peer. Its creator closes it. */
export interface Bridge extends Caller {
  /** Registers the handler of a method. A method has one handler: a second registration throws {@link LocalError}. */
  handle(method: string, handler: Handler): void;

  /** Settles once when the bridge has closed, with the reason; never rejects. Pending calls have been rejected by then. */
  readonly closed: Promise<CloseReason>;

  /** Closes; safe to repeat. Every pending call rejects at once. */
  close(): void;
}

/** Why a bridge closed. */
export interface CloseReason {
  /** `local`: this side called close; `peer`: the peer closed or died; `protocol`: the peer broke the wire's rules. */
  readonly kind: 'local' | 'peer' | 'protocol';
  readonly message: string;
}
