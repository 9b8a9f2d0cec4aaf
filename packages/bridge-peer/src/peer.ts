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
} from '@agd-bridge/bridge';
import {
  decode,
  encodeError,
  encodeNotification,
  encodeRequest,
  encodeResult,
  type Message,
  type Notification,
  type Request,
  type Response,
} from '@agd-bridge/jsonrpc1';

import { Inbox } from './inbox.js';
import { Rpc, type Outcome } from './rpc.js';
import type { Transport } from './transport.js';

export interface PeerOptions {
  /** Bounds; those left out have their defaults. */
  readonly limits?: Partial<Limits>;
  /** Handlers that are known before the first message arrives. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  /** Names the inbound frames in errors; default `from agd`. */
  readonly stream?: string;
  /** The blocking block actions: while one is pending, calling another is a LocalError. */
  readonly exclusive?: readonly string[];
  /** Sees every frame, in order for each direction, before it is handled or handed to the carrier. */
  readonly trace?: (direction: 'in' | 'out', frame: string) => void;
}

/** Why a peer that is gone closed its bridge. */
export const peerClosed: CloseReason = {
  kind: 'peer',
  message: 'bridge closed by the peer',
};

interface Pending {
  readonly promise: Promise<Json>;
  /** The answer is here and waits for its turn. */
  answered: boolean;
}

/**
 * The protocol engine: what lies above frames and below the Bridge interface,
 * shared by every backend, so that they behave the same by construction. Its
 * twin in Go is `go/bridge/internal/peer`; the rules of both are in
 * `docs/protocol.md`.
 *
 * States: open → closed. Everything that closes a peer goes through {@link end}.
 *
 * Inbound messages pass one queue, in the order in which they came. It stands
 * still during callSync, and from a response to the moment when the code that
 * awaits the call has run.
 */
export class Peer implements Bridge {
  readonly closed: Promise<CloseReason>;
  readonly #settleClosed: (reason: CloseReason) => void;
  readonly #transport: Transport;
  readonly #limits: Limits;
  readonly #stream: string;
  readonly #exclusive: ReadonlySet<string>;
  readonly #trace: PeerOptions['trace'];
  readonly #rpc = new Rpc((frame) => {
    this.#send(frame);
  });
  readonly #inbox = new Inbox();
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  /** The call of the block action that runs; 0: none. */
  #exclusiveId = 0;
  /** Why the queue stands still, if it does. */
  #pause: 'delivering' | 'awaiting' | undefined;
  #inCallSync = false;
  #reason: CloseReason | undefined;

  /** @param makeTransport must not deliver a frame before it returns */
  constructor(
    makeTransport: (peer: Peer) => Transport,
    options: PeerOptions = {},
  ) {
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#stream = options.stream ?? 'from agd';
    this.#exclusive = new Set(options.exclusive);
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
    params: Params,
    { signal }: CallOptions = {},
  ): Promise<Json> {
    // Not an async function: the queue goes on when the very promise that the
    // caller awaits has settled, not one inside it.
    try {
      signal?.throwIfAborted();
      return this.#startCall(method, params, signal);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  #startCall(
    method: string,
    params: Params,
    signal: AbortSignal | undefined,
  ): Promise<Json> {
    const id = (this.#lastId += 1);
    const frame = encodeRequest(id, method, params, this.#limits);
    this.#admitCall(id, method);
    let promise = this.#rpc.request(id, method, params, frame);
    if (signal !== undefined) {
      const abandon = () => {
        this.#fail(id, signal.reason as Error);
      };
      signal.addEventListener('abort', abandon, { once: true });
      promise = promise.finally(() => {
        signal.removeEventListener('abort', abandon);
      });
    }
    this.#pending.set(id, { promise, answered: false });
    // Sending may have closed the peer, before this call was known to it.
    if (this.#reason !== undefined) this.#fail(id, this.#closedError());
    return promise;
  }

  callSync(method: string, params: Params): Json {
    const id = (this.#lastId += 1);
    const frame = encodeRequest(id, method, params, this.#limits);
    this.#admitCall(id, method);
    const { result, error } = this.#exchange(frame, id);
    if (this.#exclusiveId === id) this.#exclusiveId = 0;
    if (error !== undefined) throw new RemoteError(error);
    return result;
  }

  notify(method: string, params: Params): void {
    const frame = encodeNotification(method, params, this.#limits);
    if (this.#reason !== undefined) throw this.#closedError();
    this.#send(frame);
  }

  close(): void {
    this.end({ kind: 'local', message: 'bridge closed' });
  }

  /** Takes one inbound frame, in order. Never throws: a frame that breaks a rule closes the peer. */
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
   * The one door from open to closed: settles every pending call, then
   * `closed`. Only the first call has an effect. What arrived before the end
   * is still handled, unless this side closed.
   */
  end(reason: CloseReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    if (reason.kind === 'local') this.#inbox.clear();
    const promises: Promise<unknown>[] = [];
    for (const [id, { promise, answered }] of this.#pending) {
      promises.push(promise);
      if (answered && reason.kind !== 'local') continue;
      this.#fail(id, this.#closedError());
    }
    this.#transport.close();
    void Promise.allSettled(promises).then(() => {
      this.#settleClosed(reason);
    });
  }

  /** Refuses a call that must not be sent. */
  #admitCall(id: number, method: string): void {
    if (this.#reason !== undefined) throw this.#closedError();
    const max = this.#limits.maxPendingCalls;
    if (this.#pending.size >= max) {
      throw new LocalError(
        `too many pending calls (maxPendingCalls ${String(max)})`,
      );
    }
    if (!this.#exclusive.has(method)) return;
    if (this.#exclusiveId !== 0) {
      throw new LocalError('a block action is already running');
    }
    this.#exclusiveId = id;
  }

  /** Sends a request and blocks until its response is there. */
  #exchange(frame: string, id: number): Response {
    if (this.#inCallSync) {
      throw new LocalError('callSync called inside callSync');
    }
    this.#inCallSync = true;
    try {
      this.#trace?.('out', frame);
      const message = this.#decode(this.#transport.callSync(frame, id));
      if (message.kind === 'response' && message.id === id) return message;
      throw new ProtocolError(
        `${this.#stream}: expected the response to id ${String(id)}`,
      );
    } catch (error) {
      this.#breakOff(error);
      throw this.#closedError();
    } finally {
      this.#inCallSync = false;
      // Not now: the caller goes on first.
      if (!this.#inbox.empty) {
        process.nextTick(() => {
          this.#deliver();
        });
      }
    }
  }

  #decode(frame: string): Message {
    this.#trace?.('in', frame);
    return decode(frame, this.#limits, this.#stream);
  }

  /** Queues a message, within bounds. */
  #admit(message: Message, frame: string): void {
    if (message.kind === 'response') {
      const { id } = message;
      if (id === 0 || id > this.#lastId) {
        throw new ProtocolError(
          `${this.#stream}: response to id ${String(id)}, which was never used`,
        );
      }
      // A block action that was given up runs until it answers.
      if (id === this.#exclusiveId) this.#exclusiveId = 0;
      const pending = this.#pending.get(id);
      if (pending === undefined) return; // given up
      pending.answered = true;
    }
    const bytes = Buffer.byteLength(frame);
    const total = this.#inbox.bytes + bytes;
    if (total > this.#limits.maxQueuedBytes) {
      throw new ProtocolError(
        `${this.#stream}: queued messages of ${String(total)} bytes are over the limit ` +
          `(maxQueuedBytes ${String(this.#limits.maxQueuedBytes)})`,
      );
    }
    this.#inbox.push(message, bytes);
  }

  /** Delivers what is queued, in order. Never runs inside itself: a handler may come back here through callSync. */
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

  /** Ends the pause after an answer, once all that its promise set off has run: a tick comes after the last microtask. */
  readonly #goOn = (): void => {
    process.nextTick(() => {
      this.#pause = undefined;
      this.#deliver();
    });
  };

  /** Settles the call that a response belongs to. */
  #answer(response: Response): Promise<unknown> | undefined {
    const pending = this.#pending.get(response.id);
    if (pending === undefined) return undefined; // given up meanwhile
    this.#pending.delete(response.id);
    this.#rpc.settle(response);
    return pending.promise;
  }

  #fail(id: number, reason: Error): void {
    if (this.#pending.delete(id)) this.#rpc.fail(id, reason);
  }

  #serve(message: Request | Notification): void {
    void this.#rpc.serve(message).then((outcome) => {
      if (outcome === undefined || message.kind !== 'request') return;
      this.#send(this.#encodeResponse(message.id, outcome));
    });
  }

  /** Makes a response; if it cannot be sent, the reason is sent. */
  #encodeResponse(id: number, outcome: Outcome): string {
    try {
      return outcome.ok
        ? encodeResult(id, outcome.result, this.#limits)
        : encodeError(id, outcome.message, this.#limits);
    } catch (error) {
      const { message } = error as LocalError;
      return encodeError(id, message, defaultLimits);
    }
  }

  #send(frame: string): void {
    if (this.#reason !== undefined) return;
    this.#trace?.('out', frame);
    try {
      this.#transport.send(frame);
    } catch (error) {
      this.#breakOff(error);
    }
  }

  /** Closes on an error of the codec or the carrier; anything else is a bug of ours and goes up. */
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
