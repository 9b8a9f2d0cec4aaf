import { ProtocolError } from '@agd-bridge/bridge';

import type { Streams } from './options.js';

/** The peer's requests that have no response yet. */
export class Serving {
  readonly #ids = new Set<number>();
  readonly #streams: Streams;
  readonly #most: number;

  constructor(streams: Streams, maxPendingCalls: number) {
    this.#streams = streams;
    this.#most = maxPendingCalls;
  }

  /**
   * Adds a request. Returns the reason if it is refused, because there are too
   * many.
   *
   * @throws {ProtocolError} another open request has this id
   */
  add(id: number): string | undefined {
    const stream = this.#streams.in;
    if (this.#ids.has(id)) {
      throw new ProtocolError(
        `${stream}: request with id ${String(id)}, which has no answer yet`,
      );
    }
    if (this.#ids.size >= this.#most) {
      return `${stream}: too many pending calls (maxPendingCalls ${String(this.#most)})`;
    }
    this.#ids.add(id);
    return undefined;
  }

  /** Removes a request; call it just before its response is sent. */
  answered(id: number): void {
    this.#ids.delete(id);
  }
}
