/**
 * The Bridge: one interface between a Go program and a Node program. The
 * backends (`@agd-bridge/bridge-split`, `@agd-bridge/bridge-inproc`) implement
 * it; nobody above can tell them apart, except by speed.
 *
 * Its twin in Go is `go/bridge/bridge.go`; the contract of both is in
 * `docs/protocol.md`.
 */

/**
 * One JSON value as its text, exactly as it travels: `1e400`, `9007199254740993`
 * and lone surrogate escapes survive. A side parses only what it handles, with
 * `JSON.parse` or a parser of its choice; `JSON.stringify` makes one.
 */
export type Json = string;

/** What a call, a notification or a handler's result carries. */
export type Params = readonly Json[];

/**
 * Answers one inbound request, or takes one notification (then its result is
 * dropped). Handlers start in the order in which the peer sent the messages;
 * an asynchronous handler may overlap with later ones. What it throws reaches
 * the peer as a remote error: the message, never the stack.
 */
export type Handler = (params: Params) => Json | Promise<Json>;

export interface CallOptions {
  /** Gives up waiting: the call rejects with the signal's reason; the peer is not told, and its answer is dropped. */
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
  call(method: string, params: Params, options?: CallOptions): Promise<Json>;

  /**
   * Calls the peer and blocks the thread until the answer is here. Messages
   * that arrive meanwhile are delivered afterwards, in order. Same errors as
   * {@link call}.
   */
  callSync(method: string, params: Params): Json;

  /** Sends a message that has no answer. Same local errors as {@link call}. */
  notify(method: string, params: Params): void;
}

/** One end of a connection to a peer. Whoever made it closes it. */
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
