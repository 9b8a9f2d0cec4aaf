import type { Handler } from '@agd-bridge/bridge';

import type { Agcc } from './agcc.js';

/** The downcalls of one upcall, a line of the file. */
export interface DowncallTimes {
  /** The upcall's method. */
  readonly method: string;
  readonly downcalls: number;
  /** From the kernel's calls of `send` to their returns, together. */
  readonly nanoseconds: number;
}

/**
 * Measures the time that the kernel spends in downcalls, as it sees them: with
 * codecs, checks, transport and agd's handlers. agd's metrics have the handlers
 * alone. Serves one kernel.
 */
export class DowncallTimer {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  #downcalls = 0;
  #milliseconds = 0;

  /**
   * @param write takes a line of JSON, {@link DowncallTimes}, with its newline
   * @param now a clock in milliseconds
   */
  constructor(write: (line: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** Times the downcalls of a kernel. */
  agcc(agcc: Agcc): Agcc {
    return {
      ...agcc,
      send: (port, text) => {
        const began = this.#now();
        try {
          return agcc.send(port, text);
        } finally {
          this.#milliseconds += this.#now() - began;
          this.#downcalls += 1;
        }
      },
    };
  }

  /**
   * Writes a line when an upcall is done, before its response is sent, with the
   * downcalls since the line before. Upcalls that overlap share them.
   */
  handlers(
    handlers: Readonly<Record<string, Handler>>,
  ): Readonly<Record<string, Handler>> {
    return Object.fromEntries(
      Object.entries(handlers).map(([method, handler]): [string, Handler] => [
        method,
        async (...args) => {
          try {
            return await handler(...args);
          } finally {
            this.#report(method);
          }
        },
      ]),
    );
  }

  #report(method: string): void {
    const times: DowncallTimes = {
      method,
      downcalls: this.#downcalls,
      nanoseconds: Math.round(this.#milliseconds * 1e6),
    };
    this.#downcalls = 0;
    this.#milliseconds = 0;
    this.#write(`${JSON.stringify(times)}\n`);
  }
}
