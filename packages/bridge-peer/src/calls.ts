import { LocalError, ProtocolError, type Json } from '@agd-bridge/bridge';

interface Pending {
  readonly promise: Promise<Json>;
  /** The answer is here and waits for its turn. */
  answered: boolean;
}

/**
 * Our own calls: their ids, those that wait for an answer, and the one block
 * action that may run. An id is below or at `#lastId` once it was used; it is
 * in `#pending` until its call settles. callSync's calls are never in it.
 */
export class Calls {
  readonly #maxPending: number;
  readonly #exclusive: ReadonlySet<string>;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  /** The call of the block action that runs; 0: none. */
  #exclusiveId = 0;

  constructor(maxPending: number, exclusive: readonly string[]) {
    this.#maxPending = maxPending;
    this.#exclusive = new Set(exclusive);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** @throws {LocalError} the call must not be sent */
  admit(id: number, method: string): void {
    if (this.#pending.size >= this.#maxPending) {
      throw new LocalError(
        `too many pending calls (maxPendingCalls ${String(this.#maxPending)})`,
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

  /** The peer has answered a call. One that was given up ran until now. */
  finished(id: number): void {
    if (id === this.#exclusiveId) this.#exclusiveId = 0;
  }

  /**
   * A response has arrived; tells whether a call waits for it.
   *
   * @throws {ProtocolError} no call ever had this id
   */
  arrived(id: number, stream: string): boolean {
    if (id === 0 || id > this.#lastId) {
      throw new ProtocolError(
        `${stream}: response to id ${String(id)}, which was never used`,
      );
    }
    this.finished(id);
    const pending = this.#pending.get(id);
    if (pending) pending.answered = true;
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
