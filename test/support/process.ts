import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Timeout of a single wait in a test, in milliseconds; no wait takes that long
 * on any machine. ava's own limit is longer, and its error names neither the
 * wait nor the test.
 */
export const patience = 4 * 60_000;

/**
 * A real process whose output lines are kept and can be awaited. It leads its
 * own process group; the caller must call {@link kill}.
 */
export class Process {
  readonly pid: number;
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly #exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<(line: string) => void>();

  constructor(file: string, args: readonly string[], env?: NodeJS.ProcessEnv) {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: env ?? process.env,
    });
    if (child.pid === undefined) throw new Error(`cannot start ${file}`);
    this.pid = child.pid;
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
    this.#keep(child.stdout, this.stdout);
    this.#keep(child.stderr, this.stderr);
  }

  /**
   * The process's exit. @throws Error if it runs longer than {@link patience}
   */
  get exited(): Promise<Exit> {
    return this.#within(this.#exited, 'its end');
  }

  /** @param restart receives a function that begins the patience anew */
  async #within<T>(
    wait: Promise<T>,
    what: string,
    restart?: (begin: () => void) => void,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const seconds = String(patience / 1000);
        reject(
          new Error(`${seconds} s without ${what}; ${this.#lastOutput()}`),
        );
      }, patience);
    });
    restart?.(() => timer?.refresh());
    return Promise.race([wait, limit]).finally(() => {
      clearTimeout(timer);
    });
  }

  #lastOutput(): string {
    const tree = processes()
      .filter((row) => row.session === this.pid)
      .map((row) => `${String(row.pid)} ${row.state} ${row.command}`);
    return [
      'processes:',
      ...tree,
      'stderr:',
      ...this.stderr.slice(-20),
      'stdout:',
      ...this.stdout.slice(-20),
    ].join('\n');
  }

  #keep(stream: NodeJS.ReadableStream | null, lines: string[]): void {
    if (!stream) return;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const watch of this.#watchers) watch(line);
    });
  }

  /**
   * Resolves with the first line, printed already or later, that `pick` maps to
   * a value.
   *
   * @param progress whether a line shows that the awaited one comes closer: the
   *   wait then has its whole {@link patience} again
   * @throws Error if the process ends first, or there is no such line within
   * {@link patience}
   */
  async line<T>(
    pick: (line: string) => T | undefined,
    progress: (line: string) => boolean = () => false,
  ): Promise<T> {
    for (const line of [...this.stdout, ...this.stderr]) {
      const value = pick(line);
      if (value !== undefined) return value;
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let restart = (): void => undefined;
    const watch = (line: string): void => {
      const value = pick(line);
      if (value !== undefined) resolve(value);
      else if (progress(line)) restart();
    };
    this.#watchers.add(watch);
    void this.#exited.then((exit) => {
      reject(
        new Error(
          `ended with ${JSON.stringify(exit)} before the awaited line; ${this.#lastOutput()}`,
        ),
      );
    });
    return this.#within(promise, 'the awaited line', (begin) => {
      restart = begin;
    }).finally(() => this.#watchers.delete(watch));
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null) this.#child.kill(signal);
  }

  /** Closes the read ends of its outputs: its writes fail from now on. */
  stopReading(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Kills the process and its group; for the end of a test. */
  async kill(): Promise<void> {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // The group has already exited.
    }
    await this.exited;
  }
}

/** A row of /proc. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  /** The process that leads its session: a {@link Process} leads its own. */
  readonly session: number;
  readonly state: string;
  readonly command: string;
}

/** Every process of this machine, from /proc. */
export function processes(): ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state = '', ppid = '', , session = ''] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return [
        {
          pid: Number(name),
          ppid: Number(ppid),
          session: Number(session),
          state,
          command: command.replaceAll('\0', ' ').trim(),
        },
      ];
    } catch {
      return []; // it has exited
    }
  });
}

/** The descendants of a process. */
export function descendants(pid: number): ProcessRow[] {
  const all = processes();
  const found: ProcessRow[] = [];
  const walk = (parent: number): void => {
    for (const row of all) {
      if (row.ppid !== parent) continue;
      found.push(row);
      walk(row.pid);
    }
  };
  walk(pid);
  return found;
}

/** The xsnap workers below a kernel's process. */
export function workers(pid: number): ProcessRow[] {
  return descendants(pid).filter((row) => isWorker(row.command));
}

/** Whether a command line is an xsnap worker's: `…/xsnap-worker v1:bootstrap …`. */
export function isWorker(command: string): boolean {
  // Not of the program that confines it and then becomes it: `… -- …/xsnap-worker`.
  return /^(?!.* -- )(.*\/)?xsnap-worker /.test(command);
}

/** Resolves when none of these processes exists, not even as a zombie. */
export async function gone(pids: readonly number[]): Promise<void> {
  const limit = Date.now() + 5000;
  for (;;) {
    const left = processes().filter((row) => pids.includes(row.pid));
    if (left.length === 0) return;
    if (Date.now() > limit) {
      throw new Error(`still there after 5 s: ${JSON.stringify(left)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How a command ended, and what it printed. */
export interface Outcome {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function outcomeOf(
  file: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<Outcome> {
  const run = new Process(file, args, env);
  try {
    const exit = await run.exited;
    const [stdout, stderr] = [run.stdout.join('\n'), run.stderr.join('\n')];
    return { exit, stdout, stderr };
  } finally {
    await run.kill();
  }
}
