import type { Notification, Request } from '@agd-bridge/jsonrpc1';

import type { PeerOptions } from './options.js';

const MOST_NAMED = 100;

/** Checks the order and the kind of the peer's calls. */
export class Gate {
  readonly #requests: ReadonlySet<string>;
  /** Undefined once the peer's first call has arrived. */
  #opening: readonly string[] | undefined;

  constructor({
    requests = [],
    opening,
  }: Pick<PeerOptions, 'requests' | 'opening'>) {
    this.#requests = new Set(requests);
    this.#opening = opening;
  }

  /**
   * Returns the fault of the next message in order; undefined if it is allowed.
   */
  fault({ kind, method }: Request | Notification): string | undefined {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening && !opening.includes(method)) {
      const got = JSON.stringify(method.slice(0, MOST_NAMED));
      return `expected ${opening[0] ?? 'nothing'} first, got ${got}`;
    }
    if (kind === 'notification' && this.#requests.has(method)) {
      return `expected ${method} as a request, got a notification`;
    }
    return undefined;
  }
}
