import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  makeLocalChain,
  type Transport,
  type Way,
} from '@agd-bridge/chain-kit';

import { ChainNode, homeOf } from './chain-node.js';

/** Options of a test bed. */
export interface BedOptions {
  /** agd's binary. */
  readonly agd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What carries the frames in split mode. */
  readonly transport: Transport;
  /** What the chain is; default: agd's, with its demonstration vat. */
  readonly chain?: BedChain;
  /** Aborts everything: nodes are stopped at once. */
  readonly signal?: AbortSignal;
}

/** A chain of a caller's own. */
export interface BedChain {
  /** What the kernel boots from, a module specifier. */
  readonly bootstrapVatConfig: string;
  /**
   * Gives the booted chain what its workloads need. alice signs these, from her
   * second transaction on, so another account must sign here.
   */
  prepare(node: ChainNode, options: PrepareOptions): Promise<void>;
}

/** What a preparation needs to sign. */
export interface PrepareOptions {
  /** agd's binary. */
  readonly agd: string;
  /** The home with the keys. */
  readonly home: string;
}

export const CHAIN_ID = 'agd-ab';

/**
 * Far above the limit of Agoric's chain: a block runs all of its actions, none
 * is left for the next.
 */
const COMPUTE_LIMIT = 1e15;

/**
 * A temporary directory with a chain whose kernel has booted, and nodes on
 * copies of its home. Its creator closes it, which removes everything.
 */
export class Bed {
  readonly options: BedOptions;
  readonly dir: string;
  readonly #nodes = new Set<ChainNode>();
  #copies = 0;

  private constructor(options: BedOptions, dir: string) {
    this.options = options;
    this.dir = dir;
  }

  /** Creates the chain. Takes 30 seconds, most of it for the kernel's boot. */
  static async make(options: BedOptions): Promise<Bed> {
    const bed = new Bed(options, await mkdtemp(join(tmpdir(), 'agd-ab-')));
    options.signal?.addEventListener('abort', () => {
      void bed.#stopAll();
    });
    try {
      await bed.#boot();
      return bed;
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  async #boot(): Promise<void> {
    const { agd, signal, chain } = this.options;
    const dir = join(this.dir, 'chain');
    await mkdir(dir);
    await makeLocalChain({
      agd,
      home: homeOf(dir),
      chainId: CHAIN_ID,
      bootstrapVatConfig: chain?.bootstrapVatConfig,
      settings: [
        ['config', 'rpc.pprof_laddr', ''],
        ['config', 'p2p.pex', 'false'],
      ],
      editGenesis: quiet,
      ...(signal ? { signal } : {}),
    });
    const node = await this.#startIn(dir, { mode: 'split' }, 200);
    await node.height(2);
    await chain?.prepare(node, { agd, home: this.home });
    await this.end(node);
  }

  /**
   * Starts a node on its own copy of the chain's home.
   *
   * @param pause minimum time between blocks, in ms
   */
  async start(way: Way, pause: number): Promise<ChainNode> {
    return this.#startIn(await this.copy(way.mode), way, pause);
  }

  /** Copies the chain's home; returns the directory for {@link startOn}. */
  async copy(name: string): Promise<string> {
    this.#copies += 1;
    const dir = join(this.dir, `${name}-${String(this.#copies)}`);
    await cp(this.home, homeOf(dir), { recursive: true });
    return dir;
  }

  /** Starts a node on a {@link copy}. */
  async startOn(dir: string, way: Way, pause: number): Promise<ChainNode> {
    return this.#startIn(dir, way, pause);
  }

  /** The chain's home, which each node's home is a copy of. */
  get home(): string {
    return homeOf(join(this.dir, 'chain'));
  }

  async #startIn(dir: string, way: Way, pause: number): Promise<ChainNode> {
    const { agd, env, transport, signal } = this.options;
    signal?.throwIfAborted();
    const node = await ChainNode.start({
      ...{ agd, dir, way: { transport, ...way }, pause, env },
    });
    this.#nodes.add(node);
    if (signal?.aborted) await node.stop();
    return node;
  }

  /** Stops a node. Its home stays. */
  async end(node: ChainNode): Promise<void> {
    await node.stop();
    this.#nodes.delete(node);
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#nodes].map((node) => node.stop()));
  }

  /**
   * Ends all nodes, and removes the directory unless `keep` is set. Idempotent.
   */
  async close({ keep = false } = {}): Promise<void> {
    await this.#stopAll();
    if (!keep) await rm(this.dir, { recursive: true, force: true });
  }
}

interface AppState {
  readonly mint: { readonly minter: object; readonly params: object };
  readonly swingset: {
    readonly params: {
      readonly beans_per_unit: { key: string; beans: string }[];
      readonly queue_max: { key: string; size: number }[];
    };
  };
}

/**
 * Capacity of the action queues: twice the actions of a transaction at first,
 * and half stays free.
 */
const QUEUE_MAX = 10_000;

/** The chain's fees for actions. */
const FEES = ['inboundTx', 'message', 'messageByte', 'smartWalletProvision'];

/**
 * Disables inflation and fees, so that a block by itself changes no balance;
 * gives blocks room for all of their actions.
 */
async function quiet(home: string): Promise<void> {
  const file = join(home, 'config', 'genesis.json');
  const genesis = JSON.parse(await readFile(file, 'utf8')) as {
    app_state: AppState;
  };
  const { mint, swingset } = genesis.app_state;
  Object.assign(mint.minter, { inflation: '0' });
  Object.assign(mint.params, {
    inflation_rate_change: '0',
    inflation_max: '0',
    inflation_min: '0',
  });
  for (const row of swingset.params.beans_per_unit) {
    if (row.key === 'blockComputeLimit') row.beans = String(COMPUTE_LIMIT);
    if (FEES.includes(row.key)) row.beans = '0';
  }
  for (const row of swingset.params.queue_max) {
    if (row.key === 'inbound') row.size = QUEUE_MAX;
  }
  await writeFile(file, JSON.stringify(genesis));
}
