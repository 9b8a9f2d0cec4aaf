import type { Notification, Request } from '@agd-bridge/jsonrpc1';

import type { PeerOptions } from './options.js';

const MOST_NAMED = 100;

/** Which of the peer's calls may come when, and as what. */
export class Gate {
  readonly #requests: ReadonlySet<string>;
  /** Undefined: the peer's first call has come. */
  #opening: readonly string[] | undefined;

  constructor({
    requests = [],
    opening,
  }: Pick<PeerOptions, 'requests' | 'opening'>) {
    this.#requests = new Set(requests);
    this.#opening = opening;
  }

  /** What is wrong with a call that has come, the next in order; undefined if nothing is. */
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
