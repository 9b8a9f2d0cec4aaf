import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { processesOf, type Mode } from '@agd-bridge/ab';

/** How long a node may take to end before it is killed, in milliseconds: agd itself gives its VM 8 s. */
const GRACE = 30_000;
/** The same after a second signal. */
const SHORT_GRACE = 5_000;

/**
 * A running `agd start` with a session of its own: Ctrl-C reaches it only
 * through {@link stop}. Whoever made it calls that.
 */
export class LocalNode {
  readonly name: string;
  readonly mode: Mode;
  readonly log: string;
  /** Resolves with {@link how}. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  /** Where this run begins in the log. */
  readonly #from: number;
  #how: string | undefined;
  #killer: NodeJS.Timeout | undefined;

  /** @throws Error if the log cannot be written; a missing agd ends the node */
  constructor(options: {
    readonly agd: string;
    readonly home: string;
    readonly name: string;
    readonly mode: Mode;
    readonly env: NodeJS.ProcessEnv;
  }) {
    const { agd, home, name, mode, env } = options;
    this.name = name;
    this.mode = mode;
    this.log = join(home, 'agd.log');
    const log = openSync(this.log, 'a');
    this.#from = statSync(this.log).size;
    const split = `--split=${String(mode === 'split')}`;
    this.#child = spawn(
      agd,
      ['start', '--home', home, split, '--log_no_color'],
      { stdio: ['ignore', log, log], detached: true, env },
    );
    closeSync(log);
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        resolve(error.message);
      });
      this.#child.once('close', (code, signal) => {
        resolve(signal ?? `exit code ${String(code)}`);
      });
    });
    void this.exited.then((how) => {
      this.#how = how;
      clearTimeout(this.#killer);
    });
  }

  /** `exit code 99` or `SIGKILL` once it has ended. */
  get how(): string | undefined {
    return this.#how;
  }

  /** The line in which its VM or agd said why it ended, if one did. */
  get lastWords(): string | undefined {
    const lines = tailOf(this.log, this.#from).split('\n');
    return ['agvm: ', 'agd: ']
      .map((who) => lines.findLast((line) => line.startsWith(who)))
      .find((line) => line !== undefined);
  }

  /**
   * Ends the node as an operator would, paused or not, and kills what does not
   * end. A second call is a second signal: it hurries.
   */
  async stop(): Promise<void> {
    if (this.#how !== undefined) return;
    this.#signalAll('SIGCONT');
    this.#child.kill('SIGTERM');
    const grace = this.#killer === undefined ? GRACE : SHORT_GRACE;
    clearTimeout(this.#killer);
    this.#killer = setTimeout(() => {
      this.#signalAll('SIGKILL');
    }, grace);
    await this.exited;
  }

  #signalAll(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    for (const each of processesOf(pid)) {
      try {
        process.kill(each.pid, signal);
      } catch {
        // It ended meanwhile.
      }
    }
  }
}

/** Last words are in the end of a log, which may be long. In bytes. */
const TAIL = 64 * 1024;

/** The end of a file, of what was written after `from`. */
function tailOf(file: string, from: number): string {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const begin = Math.max(from, size - TAIL);
    const text = Buffer.alloc(Math.max(0, size - begin));
    return text.toString('utf8', 0, readSync(fd, text, 0, text.length, begin));
  } finally {
    closeSync(fd);
  }
}
