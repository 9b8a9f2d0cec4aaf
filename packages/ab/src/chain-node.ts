import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  AgdProcess,
  bytes,
  cometCall,
  freePorts,
  lastWords,
  logEntry,
  startArgs,
  totalsOf,
  type Mode,
  type Totals,
  type Way,
} from '@agd-bridge/chain-kit';

export interface NodeOptions {
  readonly agd: string;
  /** Directory of this node alone: contains its home and its log. */
  readonly dir: string;
  readonly way: Way;
  /** Minimum time between blocks, in ms. */
  readonly pause: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Timeout for anything that is awaited from a node, in ms. */
const PATIENCE = 180_000;
/** Grace period before a node is killed, in ms. */
const GRACE = 20_000;
/** Number of output lines kept that are not log entries. */
const LAST_LINES = 20;

/** A node of a comparison: reports commits as they happen, and its metrics. */
export class ChainNode extends AgdProcess {
  readonly mode: Mode;
  /** Start time on the clock of performance.now(). */
  readonly started = performance.now();
  readonly #rpc: string;
  readonly #metrics: string;
  readonly #times: string;
  readonly #log: WriteStream;
  /** The last lines that are no log entries. */
  readonly #lines: string[] = [];
  /** Time of the kernel's connection; 0 before. */
  #connected = 0;
  #committed = { height: 0, at: 0 };
  #waiting: (() => void)[] = [];

  static async start(options: NodeOptions): Promise<ChainNode> {
    await writeFile(timesOf(options.dir), ''); // of an earlier node of the directory
    return new ChainNode(options, await freePorts(4));
  }

  private constructor(options: NodeOptions, ports: readonly number[]) {
    const { agd, dir, way, pause, env } = options;
    const [rpc = 0, p2p = 0, grpc = 0, metrics = 0] = ports;
    super({
      agd,
      args: startArgs({ home: homeOf(dir), way, ports: { rpc, p2p, grpc } }),
      env: {
        ...env,
        AGVM_DOWNCALL_TIMES: timesOf(dir),
        AGD_JAIL_WRITE: [env['AGD_JAIL_WRITE'], timesOf(dir)]
          .filter(Boolean)
          .join(','),
        AGD_INSTRUMENTATION_PROMETHEUS: 'true',
        AGD_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR: `127.0.0.1:${String(metrics)}`,
        AGD_CONSENSUS_TIMEOUT_COMMIT: `${String(pause)}ms`,
        ...(way.telemetry !== undefined && {
          OTEL_CONFIG_FILE: way.telemetry,
        }),
      },
      grace: GRACE,
    });
    if (this.pid === undefined)
      throw new Error(`cannot start ${JSON.stringify(agd)}`);
    this.mode = way.mode;
    this.#rpc = `http://127.0.0.1:${String(rpc)}`;
    this.#metrics = `http://127.0.0.1:${String(metrics)}/metrics`;
    this.#times = timesOf(dir);
    this.#log = createWriteStream(join(dir, 'node.log'), { flags: 'a' });
    this.#log.on('error', () => undefined); // the directory may already be removed
    void this.exited.then(() => {
      this.#log.end();
      this.#wake();
    });
  }

  protected override read(line: string): void {
    this.#log.write(`${line}\n`);
    const entry = logEntry(line);
    if (entry?.['message'] === 'committed state') {
      const height = Number(entry['height']);
      this.#committed = { height, at: performance.now() };
      this.#wake();
    } else if (entry?.['message'] === 'kernel connected') {
      this.#connected = performance.now();
      this.#wake();
    } else if (!entry) {
      this.#lines.push(line);
      if (this.#lines.length > LAST_LINES) this.#lines.shift();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }

  /**
   * The last block committed in this run, 0 if none, and when this process read
   * the log line.
   */
  get committed(): { readonly height: number; readonly at: number } {
    return this.#committed;
  }

  /**
   * Resolves when the block at this height, or a later one, is committed.
   *
   * @throws Error if the node ends first, or on timeout
   */
  async height(wanted: number): Promise<void> {
    await this.#until(
      () => this.#committed.height >= wanted,
      `made no block ${String(wanted)}`,
    );
  }

  /**
   * Resolves when agd has completed the handshake with the VM, with the time of
   * the handshake on the clock of performance.now().
   *
   * @throws Error if the node ends first, or on timeout
   */
  async connected(): Promise<number> {
    await this.#until(() => this.#connected > 0, 'connected to no kernel');
    return this.#connected;
  }

  /** @param lacking what the node has not done, for the timeout's error */
  async #until(done: () => boolean, lacking: string): Promise<void> {
    const limit = performance.now() + PATIENCE;
    const timer = setTimeout(() => {
      this.#wake();
    }, PATIENCE + 1);
    try {
      while (!done()) {
        if (this.how !== undefined || performance.now() > limit) {
          throw this.#failure(lacking);
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #failure(lacking: string): Error {
    const what = this.how
      ? `ended (${this.how})`
      : `${lacking} in ${String(PATIENCE / 1000)} s`;
    const words = lastWords(this.#lines);
    return new Error(
      `the ${this.mode} node ${what}${words === undefined ? '' : `: ${words}`}`,
    );
  }

  /** Calls CometBFT's RPC. @throws Error with its reason */
  async rpc<T>(method: string, params: object): Promise<T> {
    return cometCall(this.#rpc, method, params, PATIENCE);
  }

  /** The data at a path of chain storage, '' if there are none. */
  async vstorage(path: string): Promise<string> {
    const { response } = await this.rpc<{
      response: { code: number; log: string; value: string | null };
    }>('abci_query', {
      path: '/agoric.vstorage.Query/Data',
      data: bytes(1, path).toString('hex'),
    });
    if (response.code !== 0) throw new Error(`${path}: ${response.log}`);
    return textOf(Buffer.from(response.value ?? '', 'base64'));
  }

  /** The bridge's metrics, totals since the node's start. */
  async totals(): Promise<Totals> {
    const response = await fetch(this.#metrics, {
      headers: { connection: 'close' }, // as cometCall's
      signal: AbortSignal.timeout(PATIENCE),
    });
    return totalsOf(await response.text());
  }

  /**
   * Time that the kernel has spent in downcalls since the node's start, as it
   * sees them, in ms.
   */
  async vmDowncallTime(): Promise<number> {
    const lines = (await readFile(this.#times, 'utf8')).split('\n');
    return lines.slice(0, -1).reduce((sum, line) => {
      const { nanoseconds } = JSON.parse(line) as { nanoseconds: number };
      return sum + nanoseconds / 1e6;
    }, 0);
  }
}

/** The file of a directory to which agvm appends the times of downcalls. */
function timesOf(dir: string): string {
  return join(dir, 'downcall-times.jsonl');
}

/** The only field of a QueryDataResponse. */
function textOf(response: Buffer): string {
  let at = 1;
  while ((response[at] ?? 0) > 127) at += 1;
  return response.subarray(at + 1).toString();
}

/** The home of the node of a directory. */
export function homeOf(dir: string): string {
  return join(dir, 'home');
}
