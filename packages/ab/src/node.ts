import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { totalsOf, type Totals } from './metrics.js';
import { freePorts } from './ports.js';
import { processesOf, type NodeProcess } from './proc.js';

/** The two ways to run the kernel. */
export type Mode = 'in-process' | 'split';
export const modes: readonly Mode[] = ['in-process', 'split'];

export type Transport = 'auto' | 'pipe' | 'shm';

/** How a node runs. */
export interface Way {
  readonly mode: Mode;
  /** Whether the VM of the split mode is confined; as the environment says, if it is left out. */
  readonly jail?: 'auto' | 'on' | 'off';
}

/** Each mode, as the environment says. */
export const byMode: Readonly<Record<Mode, Way>> = {
  'in-process': { mode: 'in-process' },
  split: { mode: 'split' },
};

export interface NodeOptions {
  readonly agd: string;
  /** Directory of this node alone: its home is below, and its log. */
  readonly dir: string;
  readonly way: Way;
  readonly transport: Transport;
  /** Least time between a block and the next, in milliseconds. */
  readonly pause: number;
  readonly env: NodeJS.ProcessEnv;
}

/** How long a node may take for what it is waited for, in milliseconds. */
const PATIENCE = 180_000;
/** How long it may take to end before it is killed. */
const GRACE = 20_000;

/**
 * A running `agd start` on loopback, with a session of its own: Ctrl-C reaches
 * it only through {@link stop}.
 */
export class ChainNode {
  readonly pid: number;
  readonly mode: Mode;
  /** When it was started, as performance.now() has it. */
  readonly started = performance.now();
  readonly #child: ChildProcess;
  readonly #rpc: string;
  readonly #metrics: string;
  readonly #exited: Promise<string>;
  readonly #lastWords: string[] = [];
  /** When its kernel was connected; 0: not yet. */
  #connected = 0;
  /** The last block that was committed, and when. */
  #committed = { height: 0, at: 0 };
  #waiting: (() => void)[] = [];
  #how: string | undefined;

  static async start(options: NodeOptions): Promise<ChainNode> {
    return new ChainNode(options, await freePorts(4));
  }

  private constructor(options: NodeOptions, ports: readonly number[]) {
    const { agd, dir, way, transport, pause, env } = options;
    const { mode, jail } = way;
    const [rpc, p2p, grpc, metrics] = ports.map(
      (port) => `127.0.0.1:${String(port)}`,
    );
    const args = [
      ...['start', '--home', homeOf(dir), '--log_format', 'json'],
      ...['--rpc.laddr', `tcp://${rpc ?? ''}`],
      ...['--p2p.laddr', `tcp://${p2p ?? ''}`],
      ...['--grpc.address', grpc ?? ''],
      `--split=${String(mode === 'split')}`,
      ...(mode === 'split' ? ['--split-transport', transport] : []),
      ...(jail === undefined ? [] : ['--jail', jail]),
    ];
    this.mode = mode;
    this.#rpc = `http://${rpc ?? ''}`;
    this.#metrics = `http://${metrics ?? ''}/metrics`;
    const child = spawn(agd, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: {
        ...env,
        AGD_INSTRUMENTATION_PROMETHEUS: 'true',
        AGD_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR: metrics,
        AGD_CONSENSUS_TIMEOUT_COMMIT: `${String(pause)}ms`,
      },
    });
    if (child.pid === undefined) throw new Error(`cannot start ${agd}`);
    this.pid = child.pid;
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve(signal ?? `exit code ${String(code)}`);
      });
    });
    void this.#exited.then((how) => {
      this.#how = how;
      this.#wake();
    });
    const log = createWriteStream(join(dir, 'node.log'), { flags: 'a' });
    log.on('error', () => undefined); // the directory may be gone already
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(log, { end: false });
      createInterface({ input: stream }).on('line', (line) => {
        this.#read(line);
      });
    }
    void this.#exited.then(() => log.end());
  }

  #read(line: string): void {
    const entry = entryOf(line);
    if (entry?.message === 'committed state') {
      this.#committed = { height: Number(entry.height), at: performance.now() };
      this.#wake();
    } else if (entry?.message === 'kernel connected') {
      this.#connected = performance.now();
      this.#wake();
    } else if (!entry) {
      this.#lastWords.push(line);
      if (this.#lastWords.length > 20) this.#lastWords.shift();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }

  /** The last block that was committed in this run, 0 if none, and when this process heard of it. */
  get committed(): { readonly height: number; readonly at: number } {
    return this.#committed;
  }

  /**
   * Resolves when the block at this height, or a later one, is committed.
   *
   * @throws Error if the node ends before, or takes too long
   */
  async height(wanted: number): Promise<void> {
    await this.#until(
      () => this.#committed.height >= wanted,
      `made no block ${String(wanted)}`,
    );
  }

  /**
   * Resolves when agd and its kernel's process have shaken hands, with the time
   * of that, as performance.now() has it.
   *
   * @throws Error if the node ends before, or takes too long
   */
  async connected(): Promise<number> {
    await this.#until(() => this.#connected > 0, 'connected to no kernel');
    return this.#connected;
  }

  /** @param lacking what it did not do, if it takes too long */
  async #until(done: () => boolean, lacking: string): Promise<void> {
    const limit = performance.now() + PATIENCE;
    const timer = setTimeout(() => {
      this.#wake();
    }, PATIENCE + 1);
    try {
      while (!done()) {
        if (this.#how !== undefined || performance.now() > limit) {
          throw this.#failure(lacking);
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #failure(lacking: string): Error {
    const what = this.#how
      ? `ended (${this.#how})`
      : `${lacking} in ${String(PATIENCE / 1000)} s`;
    const said = ['agvm: ', 'agd: ']
      .map((who) => this.#lastWords.findLast((line) => line.startsWith(who)))
      .find((line) => line !== undefined);
    return new Error(
      `the ${this.mode} node ${what}${said === undefined ? '' : `: ${said}`}`,
    );
  }

  /** Its processes now: a worker may be replaced at any time. */
  get processes(): readonly NodeProcess[] {
    return processesOf(this.pid);
  }

  /** Stops all of its processes where they are; {@link resume} lets them go on. */
  pause(): void {
    this.#signalAll('SIGSTOP');
  }

  resume(): void {
    this.#signalAll('SIGCONT');
  }

  #signalAll(signal: NodeJS.Signals): void {
    for (const { pid } of this.processes) {
      try {
        process.kill(pid, signal);
      } catch {
        // It ended meanwhile.
      }
    }
  }

  /** Calls CometBFT's RPC. @throws Error with its reason */
  async rpc<T>(method: string, params: object): Promise<T> {
    const response = await fetch(this.#rpc, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(PATIENCE),
    });
    const { result, error } = (await response.json()) as {
      result?: T;
      error?: { message?: string; data?: string };
    };
    if (result === undefined) {
      throw new Error(`${method}: ${error?.data ?? error?.message ?? ''}`);
    }
    return result;
  }

  /** What the node has measured of the bridge since its start. */
  async totals(): Promise<Totals> {
    const response = await fetch(this.#metrics, {
      signal: AbortSignal.timeout(PATIENCE),
    });
    return totalsOf(await response.text());
  }

  /** Ends the node as an operator would, paused or not, and kills what does not end. May be called again. */
  async stop(): Promise<void> {
    if (this.#how === undefined) {
      this.resume();
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => {
        this.#signalAll('SIGKILL');
      }, GRACE);
      await this.#exited;
      clearTimeout(timer);
    }
  }
}

/** The home of the node of a directory. */
export function homeOf(dir: string): string {
  return join(dir, 'home');
}

function entryOf(
  line: string,
): { readonly message?: unknown; readonly height?: unknown } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as object;
  } catch {
    return undefined;
  }
}
