import { LocalError, ProtocolError, type Json } from '@agd-bridge/bridge';

import type { Streams } from './options.js';

interface Pending {
  readonly promise: Promise<Json>;
  /** The answer is here and waits for its turn. */
  answered: boolean;
}

/**
 * Our own calls: their ids, those that wait for an answer, and the one block
 * action that may run. A call is in `#pending` until it settles; one that was
 * given up is in `#abandoned` until its answer comes. callSync's calls are in
 * neither.
 */
export class Calls {
  readonly #streams: Streams;
  readonly #maxPending: number;
  readonly #exclusive: ReadonlySet<string>;
  readonly #pending = new Map<number, Pending>();
  readonly #abandoned = new Set<number>();
  #lastId = 0;
  /** The call of the block action that runs; 0: none. */
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

  /** @throws {LocalError} the call must not be sent */
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

  /** The peer has answered a call, or it was never sent. One that was given up ran until now. */
  finished(id: number): void {
    if (id === this.#exclusiveId) this.#exclusiveId = 0;
  }

  /** Takes a call out that is given up; false if it has settled before. */
  abandon(id: number): boolean {
    const pending = this.#pending.get(id);
    if (!pending) return false;
    this.#pending.delete(id);
    if (!pending.answered) this.#abandoned.add(id);
    return true;
  }

  /**
   * A response has arrived; tells whether its call still wants it.
   *
   * @throws {ProtocolError} no call waits for it: the id was never used, or was answered before
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

  /** Takes a call out that is about to settle; undefined if it was given up. */
  take(id: number): Promise<Json> | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending?.promise;
  }

  /** The calls that have no answer yet; with `answered`, also those whose answer waits for its turn. */
  unsettled(answered: boolean): number[] {
    return [...this.#pending]
      .filter(([, pending]) => answered || !pending.answered)
      .map(([id]) => id);
  }

  promises(): Promise<Json>[] {
    return [...this.#pending.values()].map(({ promise }) => promise);
  }
}
