import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { root } from '../support/paths.js';
import type { Outcome, Request } from './wire.js';

/** Far above what any request takes: a codec that is silent for so long hangs. */
const HANG_MS = 60_000;
/** Once it hung, smaller inputs are looked for, which hang too. */
const HANG_AGAIN_MS = 5_000;

type Child = ChildProcessByStdio<Writable, Readable, null>;

interface Pending {
  readonly question: string;
  resolve(line: string): void;
  reject(error: Error): void;
}

/**
 * A codec as a process that answers one request after the other. One that
 * crashed or hung fails the request, and the next request starts another, so
 * that shrinking goes on.
 */
export class Codec {
  readonly #command: string;
  readonly #args: readonly string[];
  #child: Child | undefined;
  #pending: Pending | undefined;
  #patience = HANG_MS;

  constructor(command: string, args: readonly string[] = []) {
    this.#command = command;
    this.#args = args;
  }

  /** @throws Error when the process crashed or hung */
  async ask(request: Request): Promise<Outcome> {
    if (this.#pending) throw new Error('one request at a time');
    const child = (this.#child ??= this.#start());
    const watchdog = setTimeout(() => {
      this.#patience = HANG_AGAIN_MS;
      child.kill('SIGKILL');
    }, this.#patience);
    const question = JSON.stringify(request);
    try {
      const answer = await new Promise<string>((resolve, reject) => {
        this.#pending = { question, resolve, reject };
        child.stdin.write(`${question}\n`);
      });
      return JSON.parse(answer) as Outcome;
    } finally {
      clearTimeout(watchdog);
      this.#pending = undefined;
    }
  }

  /** Ends the process; resolves when it has exited. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    await ended;
  }

  #start(): Child {
    const child = spawn(this.#command, this.#args, {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#pending?.resolve(line);
    });
    child.stdin.on('error', () => {
      // The process has exited; its end is reported elsewhere.
    });
    child.once('close', (code, signal) => {
      if (this.#child === child) this.#child = undefined;
      const how =
        code === null ? `by ${String(signal)}` : `with ${String(code)}`;
      this.#pending?.reject(
        new Error(
          `${this.#command} ended ${how}\n  input ${this.#pending.question}`,
        ),
      );
    });
    return child;
  }
}

/** The codec in Go, as `make build-test` made it. */
export function goCodec(): Codec {
  const codecpeer = join(root, 'build', 'test', 'codecpeer');
  if (!existsSync(codecpeer)) {
    throw new Error(`${codecpeer} is absent: run \`make build-test\``);
  }
  return new Codec(codecpeer);
}

/** The codec in TypeScript, with a heap of at most the given number of megabytes. */
export function tsCodec(maxHeapMegabytes = 512): Codec {
  return new Codec(process.execPath, [
    `--max-old-space-size=${String(maxHeapMegabytes)}`,
    '--import=tsx',
    join(import.meta.dirname, 'codecpeer.ts'),
  ]);
}

/** Waits for both answers, even if one codec crashed: the other is free again then. */
export async function both<T>(
  first: Promise<T>,
  second: Promise<T>,
): Promise<[T, T]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
