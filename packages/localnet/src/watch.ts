import type { Mode, Owner } from '@agd-bridge/chain-kit';

import type { Status } from './status.js';

/** The known state of one node. */
export interface View {
  readonly name: string;
  readonly mode: Mode;
  /** The node ended and was started again outside this process. */
  readonly byHand: boolean;
  /** Its current process; undefined if none runs. */
  readonly pid: number | undefined;
  /**
   * `booting` until the first block that its current process commits, `no
   * answer` if it does not respond, `ended (…)`.
   */
  readonly state: 'booting' | 'running' | 'no answer' | `ended (${string})`;
  /** How long its current process has been booting, in ms. */
  readonly bootingFor: number;
  /** The last status received. */
  readonly status: Status | undefined;
  /** Time between the last blocks by their headers, in ms. */
  readonly blockTime: number | undefined;
}

/** The process that this program started. */
export interface Started {
  readonly name: string;
  readonly mode: Mode;
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  /** How it ended; undefined while it runs. */
  readonly how: string | undefined;
}

/** The questions that a {@link Watch} asks about its node. */
export interface Questions {
  /** The node's status; undefined if it does not respond. */
  status(): Promise<Status | 'no block' | undefined>;
  /** The process that runs on the node's home directory. */
  owner(): Owner | undefined;
  /** A monotonic clock, in ms. */
  now(): number;
}

/** One process of a node, from its start to its end. */
interface Run {
  /** Undefined: the process that this program started. */
  readonly byHand: Owner | undefined;
  /** When it was first seen. */
  readonly since: number;
  /** Height at its first response; undefined before. */
  base: number | undefined;
  /** Whether it has committed a block. */
  begun: boolean;
  answers: boolean;
}

/** Follows one node. Callers await each {@link ask} before the next one. */
export class Watch {
  readonly #node: Started;
  readonly #questions: Questions;
  #status: Status | undefined;
  #blockTime: number | undefined;
  /** Undefined: no process runs on the home directory. */
  #run: Run | undefined;

  constructor(node: Started, questions: Questions) {
    this.#node = node;
    this.#questions = questions;
    this.#run = this.#newRun(undefined);
  }

  /** Requests the node's status. */
  async ask(): Promise<void> {
    const run = this.#current();
    if (!run) return;
    const answer = await this.#questions.status();
    // The process has ended: its answer does not describe the present one.
    if (run !== this.#current()) return;
    run.answers = answer !== undefined;
    if (answer === undefined) return;
    const status = answer === 'no block' ? undefined : answer;
    const height = status?.height ?? 0;
    run.base ??= height;
    run.begun ||= height > run.base;
    if (!status) return;
    const before = this.#status;
    this.#status = status;
    // The first block has the time of the genesis, and the first one of a run
    // comes after a pause.
    const first = Math.max(run.base + 1, 2);
    if (before && before.height >= first && status.height > before.height) {
      const blocks = status.height - before.height;
      this.#blockTime = (status.time - before.time) / blocks;
    }
  }

  /** The node's current process. */
  #current(): Run | undefined {
    if (this.#node.how === undefined) return this.#run;
    const owner = this.#questions.owner();
    if (this.#run?.byHand?.pid !== owner?.pid || !this.#run?.byHand) {
      this.#run = owner && this.#newRun(owner);
    }
    return this.#run;
  }

  #newRun(byHand: Owner | undefined): Run {
    const since = this.#questions.now();
    return { byHand, since, base: undefined, begun: false, answers: false };
  }

  get view(): View {
    const run = this.#current();
    const { name, mode, how, pid } = this.#node;
    return {
      name,
      mode: run?.byHand?.mode ?? mode,
      byHand: run?.byHand !== undefined,
      pid: run?.byHand?.pid ?? (how === undefined ? pid : undefined),
      state: run ? stateOf(run) : `ended (${how ?? ''})`,
      bootingFor: run ? this.#questions.now() - run.since : 0,
      status: this.#status,
      blockTime: this.#blockTime,
    };
  }
}

function stateOf({ begun, answers }: Run): View['state'] {
  if (!begun) return 'booting';
  return answers ? 'running' : 'no answer';
}

/** A node's line of the display. */
export function lineOf(view: View): string {
  const { name, mode, byHand, state, bootingFor, status, blockTime } = view;
  const words = [name.padEnd(6), mode.padEnd(10)];
  if (state === 'booting') {
    words.push(`booting, ${(bootingFor / 1000).toFixed(0)} s`);
  } else {
    if (status) {
      words.push(
        `height ${String(status.height).padEnd(6)}`,
        `app hash ${status.appHash.slice(0, 8)}`,
      );
      if (state === 'running') {
        if (!byHand) words.push(`peers ${String(status.peers).padEnd(2)}`);
        words.push(
          `block ${blockTime === undefined ? '–' : `${(blockTime / 1000).toFixed(2)} s`}`,
        );
      }
    }
    if (state !== 'running') words.push(state);
  }
  if (byHand) words.push('by hand');
  return words.join('  ');
}
