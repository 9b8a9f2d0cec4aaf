import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type WriteStream,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { descriptors, variables } from '../src/contract.js';

export const agvm = fileURLToPath(new URL('../bin/agvm', import.meta.url));

/** The exit of a process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Frame {
  readonly id: number | null;
  readonly method?: string;
  readonly params?: unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Responds to a downcall; an exception is the downcall's error. */
export type Answer = (method: string, params: unknown[]) => unknown;

interface Launch {
  /** The agvm to start. */
  readonly script: string;
  /** Additional variables of its environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** Stands for a response that never comes. */
export const never = Symbol('never');

/**
 * A stand-in for agd: starts the real agvm over two real pipes and speaks the
 * protocol with it. Its creator calls {@link kill}.
 */
export class FakeAgd {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  readonly #toAgvm: WriteStream;
  readonly #waiting = new Map<number, (frame: Frame) => void>();
  readonly #dir = mkdtempSync(path.join(tmpdir(), 'fake-agd-'));
  readonly #notified: [string, unknown[]][] = [];
  #onNotify: () => void = () => undefined;
  #ids = 0;
  #output = '';

  constructor(
    args: readonly string[],
    answer: Answer = () => null,
    { script = agvm, env = {} }: Partial<Launch> = {},
  ) {
    const [readFd, toAgvm] = this.#pipe('to-agvm');
    const [fromAgvm, writeFd] = this.#pipe('from-agvm');
    this.child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ignore', readFd, writeFd],
      env: {
        ...process.env,
        [variables.fromAgd]: String(descriptors.fromAgd),
        [variables.toAgd]: String(descriptors.toAgd),
        ...env,
      },
      detached: true,
    });
    closeSync(readFd);
    closeSync(writeFd);
    this.#toAgvm = createWriteStream('', { fd: toAgvm });
    // Writes after the VM has gone are lost, as for a real agd.
    this.#toAgvm.on('error', () => undefined);
    const frames = createInterface({
      input: createReadStream('', { fd: fromAgvm }),
    });
    frames.on('line', (line) => {
      // White space between frames, which upstream's decoder skips.
      if (line === '') return;
      this.#take(JSON.parse(line) as Frame, answer);
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        rmSync(this.#dir, { recursive: true, force: true });
        resolve({ code, signal });
      });
    });
  }

  /** What the VM printed so far. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('agvm did not start');
    return this.child.pid;
  }

  /** The protocol's first exchange. */
  async handshake(protocol = 1): Promise<unknown> {
    const hello = { protocol, software: 'fake agd', capabilities: [] };
    return this.call('bridge.Handshake', hello);
  }

  async call(method: string, ...params: unknown[]): Promise<unknown> {
    this.#ids += 1;
    const id = this.#ids;
    this.send({ id, method, params });
    const { result, error } = await new Promise<Frame>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      void this.exited.then(() => {
        reject(new Error(`agvm ended during ${method}:\n${this.#output}`));
      });
    });
    if (error != null) throw new Error(error as string);
    return result;
  }

  notify(method: string, ...params: unknown[]): void {
    this.send({ id: null, method, params });
  }

  send(frame: object): void {
    this.#toAgvm.write(`${JSON.stringify(frame)}\n`);
  }

  /** The next notification that the VM sent. */
  async notified(): Promise<[method: string, params: unknown[]]> {
    for (;;) {
      const next = this.#notified.shift();
      if (next) return next;
      await new Promise<void>((resolve, reject) => {
        this.#onNotify = resolve;
        void this.exited.then(() => {
          reject(new Error(`agvm ended:\n${this.#output}`));
        });
      });
    }
  }

  /**
   * Resolves once agvm has opened its pipes. Until then {@link close} must
   * wait: unlike a pipe of the real agd, a FIFO cannot be opened again once its
   * other end is gone.
   */
  async opened(): Promise<void> {
    const fds = `/proc/${String(this.pid)}/fd`;
    const isOpened = () =>
      readdirSync(fds).some((fd) => {
        try {
          const file = readlinkSync(path.join(fds, fd));
          return Number(fd) > 5 && file === path.join(this.#dir, 'to-agvm');
        } catch {
          return false; // closed during the wait
        }
      });
    while (!isOpened()) await setTimeout(10);
  }

  /** Closes agd's end, as its death does. */
  close(): void {
    this.#toAgvm.destroy();
  }

  /** Kills the VM in any state. */
  async kill(): Promise<Exit> {
    this.child.kill('SIGKILL');
    this.close();
    return this.exited;
  }

  #take(frame: Frame, answer: Answer): void {
    const { id, method, params = [] } = frame;
    if (method === undefined) {
      this.#waiting.get(id ?? -1)?.(frame);
    } else if (id === null) {
      this.#notified.push([method, params]);
      this.#onNotify();
    } else {
      try {
        const result = answer(method, params) ?? null;
        if (result !== never) this.send({ id, result, error: null });
      } catch (error) {
        this.send({ id, result: null, error: (error as Error).message });
      }
    }
  }

  /**
   * A pipe as two descriptors, made with a FIFO, because `spawn` itself makes
   * sockets.
   */
  #pipe(name: string): [read: number, write: number] {
    const file = path.join(this.#dir, name);
    execFileSync('mkfifo', [file]);
    const both = openSync(file, constants.O_RDWR);
    const ends: [number, number] = [openSync(file, 'r'), openSync(file, 'w')];
    closeSync(both);
    return ends;
  }
}

/**
 * A chain's storage and bank in memory, as far as the kernel and the bank
 * mirror use them.
 */
export function fakeChain(balance = '7'): {
  answer: Answer;
  store: Map<string, unknown>;
} {
  const store = new Map<string, unknown>();
  const answer: Answer = (method, params) => {
    switch (method) {
      case 'vstorage.Get':
        return store.get(params[0] as string) ?? null;
      case 'vstorage.Has':
        return store.has(params[0] as string);
      case 'vstorage.Set':
      case 'vstorage.SetWithoutNotify':
        for (const [key, value] of params as [string, unknown][]) {
          if (value == null) store.delete(key);
          else store.set(key, value);
        }
        return true;
      case 'vbank.GetBalance':
        return balance;
      case 'swingset.SwingStoreUpdateExportData':
        return true;
      default:
        throw new Error(`unknown method ${JSON.stringify(method)}`);
    }
  };
  return { answer, store };
}
