import {
  BridgeError,
  ClosedError,
  LocalError,
  ProtocolError,
  RemoteError,
  defaultLimits,
  type Bridge,
  type CallOptions,
  type CloseReason,
  type Handler,
  type Json,
  type Limits,
  type Params,
  type SentParams,
} from '@agd-bridge/bridge';
import {
  FrameEncoder,
  decode,
  encodeError,
  frameText,
  type Frame,
  type Message,
  type Notification,
  type Request,
  type Response,
} from '@agd-bridge/jsonrpc1';

import { Calls } from './calls.js';
import { Gate } from './gate.js';
import { Inbox } from './inbox.js';
import {
  peerClosed,
  queueFault,
  streamsOf,
  type PeerOptions,
  type Streams,
} from './options.js';
import { Rpc, type Outcome } from './rpc.js';
import { Serving } from './serving.js';
import type { Transport } from './transport.js';

/**
 * The protocol engine: the layer between frames and the Bridge interface. All
 * backends share it, so their behaviour is identical by construction. The Go
 * counterpart is `go/bridge/internal/peer`; the rules of both are in
 * `docs/protocol.md`.
 *
 * States: open → closed. Every close goes through {@link end}.
 *
 * Inbound messages pass through one queue, in the order of arrival. The queue
 * pauses during callSync, and after a response until the code that awaits the
 * call has run.
 */
export class Peer implements Bridge {
  readonly closed: Promise<CloseReason>;
  readonly #settleClosed: (reason: CloseReason) => void;
  readonly #transport: Transport;
  readonly #limits: Limits;
  readonly #streams: Streams;
  readonly #encoder: FrameEncoder;
  readonly #trace: PeerOptions['trace'];
  readonly #rpc = new Rpc();
  readonly #inbox = new Inbox();
  readonly #calls: Calls;
  readonly #serving: Serving;
  readonly #gate: Gate;
  /** Why the queue is paused; undefined: it is not. */
  #pause: 'delivering' | 'awaiting' | undefined;
  #inCallSync = false;
  #reason: CloseReason | undefined;

  /** @param makeTransport must not deliver a frame before it returns */
  constructor(
    makeTransport: (peer: Peer) => Transport,
    options: PeerOptions = {},
  ) {
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#streams = streamsOf(options);
    this.#encoder = new FrameEncoder({
      ...this.#limits,
      stream: this.#streams.out,
    });
    this.#calls = new Calls(
      this.#streams,
      this.#limits.maxPendingCalls,
      options.exclusive ?? [],
    );
    this.#serving = new Serving(this.#streams, this.#limits.maxPendingCalls);
    this.#gate = new Gate(options);
    this.#trace = options.trace;
    for (const [method, handler] of Object.entries(options.handlers ?? {})) {
      this.handle(method, handler);
    }
    let settle!: (reason: CloseReason) => void;
    this.closed = new Promise((resolve) => (settle = resolve));
    this.#settleClosed = settle;
    this.#transport = makeTransport(this);
  }

  get state(): 'open' | 'closed' {
    return this.#reason === undefined ? 'open' : 'closed';
  }

  handle(method: string, handler: Handler): void {
    if (typeof method !== 'string' || method === '') {
      throw new LocalError('method must be a non-empty string');
    }
    if (typeof handler !== 'function') {
      throw new LocalError(`the handler of "${method}" must be a function`);
    }
    if (this.#rpc.has(method)) {
      throw new LocalError(`method "${method}" already has a handler`);
    }
    this.#rpc.handle(method, handler);
  }

  call(
    method: string,
    params: SentParams,
    { signal }: CallOptions = {},
  ): Promise<Json> {
    // Not an async function: the queue must resume when the promise that the
    // caller awaits has settled, not an inner one.
    try {
      signal?.throwIfAborted();
      return this.#startCall(method, params, signal);
    } catch (error) {
      const reason = error as Error;
      return Promise.reject(reason);
    }
  }

  #startCall(
    method: string,
    params: SentParams,
    signal: AbortSignal | undefined,
  ): Promise<Json> {
    const id = this.#calls.nextId();
    const frame = this.#encoder.request(id, method, params);
    this.#admitCall(id, method);
    let promise = this.#rpc.request(id, method, params);
    if (signal !== undefined) {
      const abandon = () => {
        if (this.#calls.abandon(id)) {
          this.#rpc.fail(id, signal.reason as Error);
        }
      };
      signal.addEventListener('abort', abandon, { once: true });
      promise = promise.finally(() => {
        signal.removeEventListener('abort', abandon);
      });
    }
    this.#calls.add(id, promise);
    try {
      this.#send(frame);
    } catch (error) {
      this.#calls.finished(id);
      this.#fail(id, error as Error);
    }
    return promise;
  }

  callSync(method: string, params: SentParams): Json {
    const id = this.#calls.nextId();
    const frame = this.#encoder.request(id, method, params);
    this.#admitCall(id, method);
    const { result, error } = this.#exchange(frame, id);
    this.#calls.finished(id);
    if (error !== undefined) throw new RemoteError(error);
    return result;
  }

  notify(method: string, params: SentParams): void {
    const frame = this.#encoder.notification(method, params);
    if (this.#reason !== undefined) throw this.#closedError();
    this.#send(frame);
  }

  close(): void {
    this.end({ kind: 'local', message: 'bridge closed' });
  }

  /**
   * Accepts one inbound frame, in order. Never throws: a frame that breaks a
   * rule closes the peer.
   */
  receive(frame: string): void {
    if (this.#reason !== undefined) return;
    try {
      this.#admit(this.#decode(frame), frame);
    } catch (error) {
      this.#breakOff(error);
      return;
    }
    this.#deliver();
  }

  /**
   * The only transition from open to closed: settles every pending call, then
   * `closed`. Only the first call has an effect. Messages that arrived before
   * the end are still handled, unless this side closed.
   */
  end(reason: CloseReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    if (reason.kind === 'local') this.#inbox.clear();
    const promises = this.#calls.promises();
    for (const id of this.#calls.unsettled(reason.kind === 'local')) {
      this.#fail(id, this.#closedError());
    }
    this.#transport.close();
    void Promise.allSettled(promises).then(() => {
      this.#settleClosed(reason);
    });
  }

  /** Throws if a call must not be sent. */
  #admitCall(id: number, method: string): void {
    if (this.#reason !== undefined) throw this.#closedError();
    this.#calls.admit(id, method);
  }

  /** Sends a request and blocks until its response arrives. */
  #exchange(frame: Frame, id: number): Response {
    if (this.#inCallSync) {
      throw new LocalError('callSync called inside callSync');
    }
    this.#inCallSync = true;
    try {
      this.#trace?.('out', frameText(frame));
      const message = this.#decode(this.#transport.callSync(frame, id));
      if (message.kind === 'response' && message.id === id) return message;
      throw new ProtocolError(
        `${this.#streams.in}: expected the response to id ${String(id)}`,
      );
    } catch (error) {
      this.#calls.finished(id);
      if (error instanceof LocalError) throw error;
      this.#breakOff(error);
      throw this.#closedError();
    } finally {
      this.#inCallSync = false;
      // Deferred: the caller's code runs first.
      if (!this.#inbox.empty) {
        process.nextTick(() => {
          this.#deliver();
        });
      }
    }
  }

  #decode(frame: string): Message {
    this.#trace?.('in', frame);
    return decode(frame, this.#limits, this.#streams.in);
  }

  /** Queues a message, within the limits. */
  #admit(message: Message, frame: string): void {
    if (message.kind === 'response') {
      // The response to an abandoned call is dropped.
      if (!this.#calls.arrived(message.id)) return;
    } else {
      const fault = this.#gate.fault(message);
      if (fault !== undefined) {
        throw new ProtocolError(`${this.#streams.in}: ${fault}`);
      }
    }
    if (message.kind === 'request') {
      const refusal = this.#serving.add(message.id);
      if (refusal !== undefined) {
        this.#respond(message.id, { ok: false, message: refusal });
        return;
      }
    }
    const bytes = queuedBytes(frame, message);
    const { maxQueuedBytes } = this.#limits;
    const [{ in: stream }, queued] = [this.#streams, this.#inbox.bytes];
    const fault = queueFault(stream, queued, bytes, maxQueuedBytes);
    if (fault !== undefined) throw new ProtocolError(fault);
    this.#inbox.push(message, bytes);
  }

  /**
   * Delivers the queued messages, in order. Not reentrant: a handler may call
   * it again through callSync.
   */
  #deliver(): void {
    if (this.#inCallSync || this.#pause !== undefined) return;
    this.#pause = 'delivering';
    for (;;) {
      const message = this.#inbox.shift();
      if (message === undefined) break;
      if (message.kind === 'response') {
        const settled = this.#answer(message);
        if (settled === undefined) continue;
        this.#pause = 'awaiting';
        settled.then(this.#goOn, this.#goOn);
        return;
      }
      this.#serve(message);
    }
    this.#pause = undefined;
  }

  /**
   * Ends the pause after a response, once all code that its promise triggered
   * has run: an immediate runs after the last microtask.
   */
  readonly #goOn = (): void => {
    process.nextTick(() => {
      this.#pause = undefined;
      this.#deliver();
    });
  };

  /** Settles the call of a response, unless the call was abandoned before. */
  #answer(response: Response): Promise<unknown> | undefined {
    const promise = this.#calls.take(response.id);
    if (promise) this.#rpc.settle(response);
    return promise;
  }

  #fail(id: number, reason: Error): void {
    if (this.#calls.take(id)) this.#rpc.fail(id, reason);
  }

  #serve(message: Request | Notification): void {
    void this.#rpc.serve(message).then((outcome) => {
      if (outcome === undefined || message.kind !== 'request') return;
      this.#serving.answered(message.id);
      this.#respond(message.id, outcome, message.params);
    });
  }

  /**
   * Sends a response. A peer must read the responses to its requests: if it
   * does not, it is no longer served.
   */
  #respond(id: number, outcome: Outcome, params: Params = []): void {
    try {
      this.#send(this.#encodeResponse(id, outcome, params));
    } catch (error) {
      const { message } = error as LocalError;
      this.#breakOff(new ProtocolError(message));
    }
  }

  /** Encodes a response; if the result cannot be sent, encodes the reason. */
  #encodeResponse(id: number, outcome: Outcome, params: Params): Frame {
    try {
      return outcome.ok
        ? this.#encoder.result(id, outcome.result, params)
        : this.#encoder.error(id, outcome.message);
    } catch (error) {
      const { message } = error as LocalError;
      return encodeError(id, message, defaultLimits);
    }
  }

  /** @throws {LocalError} no room; nothing was sent */
  #send(frame: Frame): void {
    if (this.#reason !== undefined) return;
    this.#trace?.('out', frameText(frame));
    this.#transport.send(frame);
  }

  /**
   * Closes on an error of the codec or the transport; rethrows anything else,
   * which is a bug of this package.
   */
  #breakOff(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.end({ kind: 'protocol', message: error.message });
    } else if (error instanceof BridgeError) {
      this.end(peerClosed);
    } else throw error;
  }

  #closedError(): ClosedError {
    const reason = this.#reason;
    if (reason?.kind !== 'protocol') {
      return new ClosedError(reason?.message ?? peerClosed.message);
    }
    return new ClosedError(`bridge closed: ${reason.message}`);
  }
}

const FEW_PARAMS = 64;
/** Memory of a param in addition to its text, in bytes; the same number as in Go. */
const PARAM_BYTES = 24;

/** What a frame counts in the queue: its text, and the additional memory of many params. */
function queuedBytes(frame: string, message: Message): number {
  const params = message.kind === 'response' ? 0 : message.params.length;
  return (
    Buffer.byteLength(frame) + PARAM_BYTES * Math.max(params - FEW_PARAMS, 0)
  );
}
