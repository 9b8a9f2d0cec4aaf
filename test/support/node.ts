import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import {
  byMode,
  committedHeight,
  freePorts,
  logEntry,
  logMessage,
  modes,
  startArgs as agdStartArgs,
  type Mode,
  type NodePorts,
} from '@agd-bridge/chain-kit';

import { agd } from './paths.js';
import { Process, patience, type Exit } from './process.js';

const run = promisify(execFile);

export { committedHeight, logEntry, modes, type Mode };
export { logMessage as said, type NodePorts as Ports };

export async function nodePorts(): Promise<NodePorts> {
  const [rpc, p2p, grpc] = (await freePorts(3)) as [number, number, number];
  return { rpc, p2p, grpc };
}

export interface NodeOptions {
  readonly home: string;
  readonly mode: Mode;
  readonly ports: NodePorts;
  /** An agd other than the build's, with its library beside it. */
  readonly binary?: string;
  /** More arguments of `agd start`. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The command line of `agd start` for these options. */
export function startArgs(options: NodeOptions): string[] {
  const { home, mode, ports, args = [] } = options;
  return agdStartArgs({ home, way: byMode[mode], ports, args });
}

/** A running `agd start`. */
export class AgdNode extends Process {
  readonly options: NodeOptions;
  readonly rpcUrl: string;

  constructor(options: NodeOptions) {
    const env = { ...process.env, ...options.env };
    super(options.binary ?? agd, startArgs(options), env);
    this.options = options;
    this.rpcUrl = `http://127.0.0.1:${String(options.ports.rpc)}`;
  }

  /**
   * Resolves once the block at this height, or a later one, was committed. Each
   * block gets the patience of one wait: a node may have many to catch up on.
   */
  async height(wanted: number): Promise<number> {
    return this.line(
      (line) => {
        const height = committedHeight(line);
        return height !== undefined && height >= wanted ? height : undefined;
      },
      (line) => committedHeight(line) !== undefined,
    );
  }

  /** Resolves once the first block of this run was committed, as long as agd reports that the kernel is booting. */
  async booted(): Promise<void> {
    await this.line(
      (line) => committedHeight(line) !== undefined || undefined,
      (line) => logMessage(line) === 'the kernel is still at work',
    );
  }

  /** The height of the last block that this run has committed, 0 if none. */
  committed(): number {
    return Math.max(
      0,
      ...this.stdout.map((line) => committedHeight(line) ?? 0),
    );
  }

  /** The process ids that the first block's log line names. */
  async pids(): Promise<{ agd: number; vm: number; mode: string }> {
    return this.line((line) => {
      const entry = logEntry(line);
      if (entry?.['message'] !== 'first block of this run committed') {
        return undefined;
      }
      return {
        agd: Number(entry['agd_pid']),
        vm: Number(entry['vm_pid']),
        mode: String(entry['mode']),
      };
    });
  }

  /** Resolves once CometBFT's RPC listens: after the first block, if that was a replay. */
  async listening(): Promise<void> {
    await this.line((line) =>
      line.includes('Starting RPC HTTP server') ? true : undefined,
    );
  }

  /** Calls CometBFT's RPC. */
  async rpc<T>(path: string): Promise<T> {
    await this.listening();
    const response = await fetch(`${this.rpcUrl}/${path}`, {
      signal: AbortSignal.timeout(patience),
    });
    const { result, error } = (await response.json()) as {
      result?: T;
      error?: unknown;
    };
    if (result === undefined)
      throw new Error(`${path}: ${JSON.stringify(error)}`);
    return result;
  }

  /** The app hash after the block at this height. The next block carries it, so that one must exist. */
  async appHash(height: number): Promise<string> {
    const { block } = await this.rpc<{
      block: { header: { app_hash: string } };
    }>(`block?height=${String(height + 1)}`);
    return block.header.app_hash;
  }

  /** Runs an agd command against this node. */
  async agd(...args: string[]): Promise<string> {
    await this.listening();
    return runAgd(this.options.home, [
      ...args,
      '--node',
      `tcp://127.0.0.1:${String(this.options.ports.rpc)}`,
    ]);
  }

  /**
   * Sends a transaction and returns the height of the block that has it. It
   * waits for the first block of the run, which starts the kernel: on a busy
   * machine a transaction would wait longer than CometBFT's RPC allows.
   *
   * @throws Error if it failed
   */
  async tx(...args: string[]): Promise<number> {
    await this.pids();
    const sent = JSON.parse(
      await this.agd('tx', ...args, '--yes', '--output', 'json'),
    ) as { txhash: string; code: number; raw_log: string };
    if (sent.code !== 0) throw new Error(sent.raw_log);
    const done = JSON.parse(await this.waitTx(sent.txhash)) as {
      height: string;
      code: number;
      raw_log: string;
    };
    if (done.code !== 0) throw new Error(done.raw_log);
    return Number(done.height);
  }

  /**
   * Waits until a transaction is in a block; returns it as JSON. wait-tx
   * queries the transaction once and then waits for its event. It misses a
   * transaction that is committed but not yet indexed at the query; such a one
   * is found by hash.
   */
  async waitTx(hash: string): Promise<string> {
    try {
      return await this.agd('query', 'wait-tx', hash, '--output', 'json');
    } catch {
      return this.agd('query', 'tx', hash, '--output', 'json');
    }
  }

  /** The data at a path of vstorage, '' if there is none. */
  async vstorage(path: string): Promise<string> {
    const answer = JSON.parse(
      await this.agd('query', 'vstorage', 'data', path, '--output', 'json'),
    ) as { value?: string };
    return answer.value ?? '';
  }

  /** Stops the node as an operator would, and returns how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(signal);
    return this.exited;
  }
}

/** Runs an agd command on a home directory. @throws Error with what it printed on stderr */
export async function runAgd(
  home: string,
  args: readonly string[],
): Promise<string> {
  try {
    const { stdout } = await run(agd, [...args, '--home', home], {
      maxBuffer: 64 * 1024 * 1024,
      timeout: patience,
      killSignal: 'SIGKILL',
    });
    return stdout.trim();
  } catch (error) {
    const {
      code,
      stdout = '',
      stderr = '',
    } = error as { code?: unknown; stdout?: string; stderr?: string };
    // A query of vstorage reports with its exit code that there are no data.
    if (code === 2 && stdout !== '') return stdout.trim();
    throw new Error(`agd ${args.join(' ')}: ${stderr.trim() || String(error)}`);
  }
}

/** An account's address in the home's test keyring. */
export async function address(home: string, name: string): Promise<string> {
  return runAgd(home, [
    'keys',
    'show',
    name,
    '-a',
    '--keyring-backend',
    'test',
  ]);
}

/** The private key of an account in the home's test keyring, in hex. */
export async function privateKey(home: string, name: string): Promise<string> {
  return runAgd(home, [
    ...['keys', 'export', name, '--unarmored-hex', '--unsafe', '--yes'],
    ...['--keyring-backend', 'test'],
  ]);
}
