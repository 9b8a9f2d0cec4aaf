import { ProtocolError } from '@agd-bridge/bridge';

import type { Streams } from './options.js';

/** The peer's requests that have no answer yet. */
export class Serving {
  readonly #ids = new Set<number>();
  readonly #streams: Streams;
  readonly #most: number;

  constructor(streams: Streams, maxPendingCalls: number) {
    this.#streams = streams;
    this.#most = maxPendingCalls;
  }

  /**
   * Takes a request on. Returns why it is refused, if there are too many.
   *
   * @throws {ProtocolError} its id is another request's
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

  /** Its answer is about to be sent. */
  answered(id: number): void {
    this.#ids.delete(id);
  }
}
