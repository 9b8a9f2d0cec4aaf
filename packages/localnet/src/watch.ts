import type { LocalNode } from './node.js';
import { statusOf, type Status } from './status.js';

/** The known state of one node. */
export interface View {
  readonly name: string;
  /** The node's mode; `by hand` if it was started outside this process. */
  readonly mode: string;
  /**
   * `booting` until its first block of this run, `no answer` if it does not
   * respond, `ended (…)`.
   */
  readonly state: 'booting' | 'running' | 'no answer' | `ended (${string})`;
  /** The last status received. */
  readonly status: Status | undefined;
  /** Time between the last blocks by their headers, in ms. */
  readonly blockTime: number | undefined;
}

/** Follows one node through its RPC. */
export class Watch {
  readonly #node: LocalNode;
  readonly #port: number;
  #status: Status | undefined;
  #blockTime: number | undefined;
  #answers = false;

  constructor(node: LocalNode, port: number) {
    this.#node = node;
    this.#port = port;
  }

  /** Requests the node's status. */
  async ask(): Promise<void> {
    const before = this.#status;
    const status = await statusOf(this.#port);
    this.#answers = status !== undefined;
    if (!status) return;
    this.#status = status;
    if (before && status.height > before.height) {
      const blocks = status.height - before.height;
      this.#blockTime = (status.time - before.time) / blocks;
    }
  }

  get view(): View {
    const { name, mode, how } = this.#node;
    return {
      name,
      mode: how !== undefined && this.#answers ? 'by hand' : mode,
      state: this.#state(how),
      status: this.#status,
      blockTime: this.#blockTime,
    };
  }

  #state(how: string | undefined): View['state'] {
    if (this.#answers) return 'running';
    if (how !== undefined) return `ended (${how})`;
    return this.#status ? 'no answer' : 'booting';
  }
}

/** A node's line of the display. */
export function lineOf({ name, mode, state, status, blockTime }: View): string {
  const words = [name.padEnd(6), mode.padEnd(10)];
  if (status && state !== 'booting') {
    words.push(
      `height ${String(status.height).padEnd(6)}`,
      `app hash ${status.appHash.slice(0, 12)}`,
      `peers ${String(status.peers).padEnd(2)}`,
      `block ${blockTime === undefined ? '–' : `${(blockTime / 1000).toFixed(2)} s`}`,
    );
  }
  if (state !== 'running') words.push(state);
  return words.join('  ');
}
