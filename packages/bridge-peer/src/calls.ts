import { LocalError, ProtocolError, type Json } from '@agd-bridge/bridge';

import type { Streams } from './options.js';

interface Pending {
  readonly promise: Promise<Json>;
  /** The response has arrived and waits in the queue. */
  answered: boolean;
}

/**
 * This side's calls: their ids, those without a response, and the one block
 * action that may run. A call is in `#pending` until it settles. An abandoned
 * call is in `#abandoned` until its response arrives. callSync's calls are in
 * neither.
 */
export class Calls {
  readonly #streams: Streams;
  readonly #maxPending: number;
  readonly #exclusive: ReadonlySet<string>;
  readonly #pending = new Map<number, Pending>();
  readonly #abandoned = new Set<number>();
  #lastId = 0;
  /** The id of the running block action; 0: none. */
  #exclusiveId = 0;

  constructor(
    streams: Streams,
    maxPending: number,
    exclusive: readonly string[],
  ) {
    this.#streams = streams;
    this.#maxPending = maxPending;
    this.#exclusive = new Set(exclusive);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** @throws {LocalError} the call is refused; nothing was sent */
  admit(id: number, method: string): void {
    if (this.#pending.size + this.#abandoned.size >= this.#maxPending) {
      throw new LocalError(
        `${this.#streams.out}: too many pending calls (maxPendingCalls ${String(this.#maxPending)})`,
      );
    }
    if (!this.#exclusive.has(method)) return;
    if (this.#exclusiveId !== 0) {
      throw new LocalError('a block action is already running');
    }
    this.#exclusiveId = id;
  }

  add(id: number, promise: Promise<Json>): void {
    this.#pending.set(id, { promise, answered: false });
  }

  /**
   * Marks a call as finished: the peer responded, or the call was never sent.
   * An abandoned call runs until then.
   */
  finished(id: number): void {
    if (id === this.#exclusiveId) this.#exclusiveId = 0;
  }

  /**
   * Removes a call that the caller abandons; returns false if it has settled
   * before.
   */
  abandon(id: number): boolean {
    const pending = this.#pending.get(id);
    if (!pending) return false;
    this.#pending.delete(id);
    if (!pending.answered) this.#abandoned.add(id);
    return true;
  }

  /**
   * Records a response; returns whether the call still waits for it.
   *
   * @throws {ProtocolError} no call waits for it: the id was never used, or
   * already had its response
   */
  arrived(id: number): boolean {
    const pending = this.#pending.get(id);
    if (pending && !pending.answered) pending.answered = true;
    else if (!this.#abandoned.delete(id)) {
      throw new ProtocolError(
        `${this.#streams.in}: response to id ${String(id)}, which no call waits for`,
      );
    }
    this.finished(id);
    return pending !== undefined;
  }

  /**
   * Removes a call that is about to settle; returns undefined if it was
   * abandoned.
   */
  take(id: number): Promise<Json> | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending?.promise;
  }

  /**
   * The ids of calls without a response; with `answered`, also those whose
   * response waits in the queue.
   */
  unsettled(answered: boolean): number[] {
    return [...this.#pending]
      .filter(([, pending]) => answered || !pending.answered)
      .map(([id]) => id);
  }

  promises(): Promise<Json>[] {
    return [...this.#pending.values()].map(({ promise }) => promise);
  }
}
