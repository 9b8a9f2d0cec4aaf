import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { root } from '../support/paths.js';
import type { Candidate } from './candidates.js';
import type { Case } from './cases.js';
import type { Slice } from './side.js';

/** Below a checkout's root. */
const FIXTURE = 'test/bench/fixture-side.ts';

/** Extra time for one slice or a start, beyond its measuring time. */
const PATIENCE_MS = 60_000;
/** Maximum time for a peer to exit. */
const GRACE_MS = 5000;

interface Reply {
  readonly ready?: boolean;
  readonly nanoseconds?: readonly number[];
}

/** A candidate's processes; they live for the whole run. The caller that started them must call {@link end}. */
export class PeerProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    if (!child.stdout) throw new Error('no standard output');
    const lines = createInterface({ input: child.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Starts a candidate; resolves when it is ready for slices. */
  static async start(
    candidate: Candidate,
    cpus: Case['cpus'],
    env: NodeJS.ProcessEnv,
  ): Promise<PeerProcess> {
    const { name, checkout } = candidate.from ?? {
      name: candidate.name,
      checkout: root,
    };
    const command = candidate.command([
      '--import=tsx',
      join(checkout, FIXTURE),
      name,
    ]);
    const [file, ...args] = cpus === 'one' ? pinned(command) : command;
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...env, ...candidate.env },
      detached: true,
      cwd: checkout, // of tsx
    });
    const peer = new PeerProcess(candidate.name, child);
    try {
      await peer.#reply();
    } catch (error) {
      await peer.end();
      throw error;
    }
    return peer;
  }

  /**
   * Runs one slice; resolves with the duration of each call, in nanoseconds.
   */
  async run(slice: Slice): Promise<readonly number[]> {
    this.#child.stdin?.write(`${JSON.stringify(slice)}\n`);
    const { nanoseconds } = await this.#reply(slice.milliseconds);
    if (nanoseconds === undefined || nanoseconds.length === 0) {
      throw new Error(`${this.#name}: no call was made`);
    }
    return nanoseconds;
  }

  /** Kills all processes, whatever their state. */
  async end(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined) return;
    if (exitCode === null && signalCode === null) {
      this.#child.stdin?.end();
      const timer = setTimeout(() => {
        killGroup(pid);
      }, GRACE_MS);
      await once(this.#child, 'exit');
      clearTimeout(timer);
    }
    killGroup(pid);
  }

  /** The next line of JSON. Go peers may print lines of their own. */
  async #reply(milliseconds = 0): Promise<Reply> {
    for (;;) {
      const line = await this.#within(milliseconds + PATIENCE_MS);
      if (line.startsWith('{')) return JSON.parse(line) as Reply;
    }
  }

  async #within(milliseconds: number): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${this.#name}: no answer for a minute`));
      }, milliseconds);
    });
    try {
      const line = await Promise.race([this.#lines.next(), late]);
      if (line.done) throw new Error(`${this.#name}: the process has ended`);
      return line.value;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The same command, bound to the last CPU that this process may use. */
function pinned(
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0';
  return ['taskset', '-c', /\d+$/.exec(allowed)?.[0] ?? '0', ...command];
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has already exited.
  }
}
