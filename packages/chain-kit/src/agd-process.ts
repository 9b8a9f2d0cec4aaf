import {
  spawn,
  type ChildProcess,
  type StdioOptions,
} from 'node:child_process';
import { createInterface } from 'node:readline';

import { processesOf, type NodeProcess } from './proc.js';

/** The exit of a process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AgdProcessOptions {
  /** agd's binary. */
  readonly agd: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /**
   * The descriptor of a file for standard output and error; the caller closes
   * it. Without it, {@link AgdProcess.read} receives each line.
   */
  readonly output?: number;
  /** Grace period of {@link AgdProcess.stop} before SIGKILL, in ms. */
  readonly grace: number;
  /** The grace period after a second call, in ms. */
  readonly shortGrace?: number;
}

/**
 * A running `agd start` that leads a session of its own: a terminal's Ctrl-C
 * does not reach it. Its owner must call {@link stop}.
 */
export class AgdProcess {
  /** undefined if the process could not be started; then it counts as ended. */
  readonly pid: number | undefined;
  readonly exited: Promise<Exit>;
  readonly #options: AgdProcessOptions;
  readonly #child: ChildProcess;
  #how: string | undefined;
  #killer: NodeJS.Timeout | undefined;

  constructor(options: AgdProcessOptions) {
    const { agd, args, env, output } = options;
    const stdio: StdioOptions =
      output === undefined
        ? ['ignore', 'pipe', 'pipe']
        : ['ignore', output, output];
    this.#options = options;
    const child = spawn(agd, args, { stdio, detached: true, env });
    this.#child = child;
    this.pid = child.pid;
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#how = error.message;
        resolve({ code: null, signal: null });
      });
      child.once('close', (code, signal) => {
        this.#how ??= signal ?? `exit code ${String(code)}`;
        clearTimeout(this.#killer);
        resolve({ code, signal });
      });
    });
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        this.read?.(line);
      });
    }
  }

  /**
   * Receives a line of output, in subclasses that override it; never called
   * within the constructor.
   */
  protected read?(line: string): void;

  /** `exit code 99`, `SIGKILL` or a failure to start; undefined while it runs. */
  get how(): string | undefined {
    return this.#how;
  }

  /**
   * The node's current processes: the kernel may replace a worker at any time.
   */
  get processes(): readonly NodeProcess[] {
    return this.pid === undefined ? [] : processesOf(this.pid);
  }

  /** Sends a signal to agd alone. */
  signal(signal: NodeJS.Signals): void {
    if (this.#how === undefined) this.#child.kill(signal);
  }

  /** Sends a signal to every process of the node. */
  signalAll(signal: NodeJS.Signals): void {
    for (const { pid } of this.processes) {
      try {
        process.kill(pid, signal);
      } catch {
        // The process has exited.
      }
    }
  }

  /** Suspends all of its processes (SIGSTOP) until {@link resume}. */
  pause(): void {
    this.signalAll('SIGSTOP');
  }

  resume(): void {
    this.signalAll('SIGCONT');
  }

  /**
   * Ends the node as an operator would, even if paused, and kills processes
   * that outlive the grace period. A second call sends a second signal, which
   * shortens it.
   */
  async stop(): Promise<void> {
    if (this.#how !== undefined) return;
    const { grace, shortGrace = grace } = this.#options;
    this.resume();
    this.signal('SIGTERM');
    const wait = this.#killer === undefined ? grace : shortGrace;
    clearTimeout(this.#killer);
    this.#killer = setTimeout(() => {
      this.signalAll('SIGKILL');
    }, wait);
    await this.exited;
  }
}
