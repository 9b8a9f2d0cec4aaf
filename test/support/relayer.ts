import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { freshHome, withTempDir } from './homes.js';
import { AgdNode, nodePorts, runAgd, type Mode } from './node.js';
import { root } from './paths.js';
import { Process, patience } from './process.js';

const run = promisify(execFile);

/**
 * The Go relayer as built by `make test-ibc`, because the build is too large
 * for every test run.
 */
const rly = join(root, 'build', 'test', 'rly');

/** A test that is skipped without the relayer. */
export const withRelayer = existsSync(rly) ? test.serial : test.serial.skip;

/** A chain that the relayer connects. */
export interface RelayedChain {
  readonly chainId: string;
  readonly node: AgdNode;
}

/**
 * Starts chains; resolves when all have booted. The caller must kill the nodes.
 *
 * @param bootstrapVatConfig what their kernels boot from; default: the
 * demonstration vat
 * @param kinds the mode of each; default: one chain in each mode
 */
export async function relayedChains(
  dir: string,
  bootstrapVatConfig?: string,
  kinds: readonly Mode[] = ['split', 'in-process'],
): Promise<readonly RelayedChain[]> {
  const start = async (chainId: string, mode: Mode): Promise<RelayedChain> => {
    const home = await freshHome(join(dir, chainId), {
      chainId,
      bootstrapVatConfig,
    });
    // The relayer is out of sync when it is two blocks behind.
    const key = 'consensus.timeout_commit';
    await runAgd(home, ['config', 'set', 'config', key, '1s']);
    const node = new AgdNode({ home, mode, ports: await nodePorts() });
    return { chainId, node };
  };
  const chains: RelayedChain[] = [];
  for (const [i, mode] of kinds.entries()) {
    chains.push(await start(`agd-${'abc'.charAt(i)}-1`, mode));
  }
  try {
    await Promise.all(chains.map(({ node }) => node.booted()));
  } catch (error) {
    await Promise.all(chains.map(({ node }) => node.kill()));
    throw error;
  }
  return chains;
}

/** What new chains of {@link withLinkedChains} are. */
export interface LinkedChains {
  /** As for {@link relayedChains}. */
  readonly bootstrapVatConfig?: string;
  /** As for {@link relayedChains}. */
  readonly kinds?: readonly Mode[];
}

/**
 * Runs `use` with a relayer that has linked new chains and does not relay yet,
 * and a directory for files. Ends the chains.
 */
export async function withLinkedChains(
  { bootstrapVatConfig, kinds }: LinkedChains,
  use: (relayer: Relayer, dir: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const chains = await relayedChains(dir, bootstrapVatConfig, kinds);
    try {
      const relayer = await Relayer.create(join(dir, 'relayer'), chains);
      await relayer.link();
      await use(relayer, dir);
    } finally {
      await Promise.all(chains.map(({ node }) => node.kill()));
    }
  });
}

/** The Go relayer between each chain and the next, with its own home and accounts. */
export class Relayer {
  readonly chains: readonly RelayedChain[];
  readonly #home: string;

  /** Use {@link Relayer.create}. */
  private constructor(home: string, chains: readonly RelayedChain[]) {
    this.#home = home;
    this.chains = chains;
  }

  /** Creates its home and its accounts, which alice of each chain funds. */
  static async create(
    home: string,
    chains: readonly RelayedChain[],
  ): Promise<Relayer> {
    await mkdir(join(home, 'config'), { recursive: true });
    const ends = chains.map(({ chainId }) => ({ 'chain-id': chainId }));
    const paths = ends.slice(1).map((dst, i) => ({ src: ends[i], dst }));
    const config = {
      global: { timeout: '10s', memo: '', 'light-cache-size': 20 },
      chains: Object.fromEntries(
        chains.map((chain) => [chain.chainId, configOf(chain)]),
      ),
      paths: Object.fromEntries(
        paths.map((path, i) => [
          pathName(i),
          { ...path, 'src-channel-filter': { rule: '' } },
        ]),
      ),
    };
    // YAML contains JSON.
    await writeFile(
      join(home, 'config', 'config.yaml'),
      JSON.stringify(config, null, 2),
    );
    const relayer = new Relayer(home, chains);
    for (const { chainId, node } of chains) {
      const { address } = JSON.parse(
        await relayer.#rly('keys', 'add', chainId, 'relayer'),
      ) as { address: string };
      await node.tx('bank', 'send', 'alice', address, '100000000uist');
    }
    return relayer;
  }

  async #rly(...args: readonly string[]): Promise<string> {
    try {
      const options = { timeout: patience, killSignal: 'SIGKILL' } as const;
      return (await run(rly, [...args, '--home', this.#home], options)).stdout;
    } catch (error) {
      const { stderr = '' } = error as { stderr?: string };
      // Repeated lines say that it waits.
      const said = stderr
        .split('\n')
        .filter((line) => !line.includes('in sync'));
      throw new Error(`rly ${args.join(' ')}: ${said.join('\n')}`);
    }
  }

  /** The nodes of the chains. */
  get nodes(): readonly AgdNode[] {
    return this.chains.map(({ node }) => node);
  }

  /**
   * Creates clients, a connection and a channel for transfers between each
   * chain and the next.
   */
  async link(): Promise<void> {
    for (const i of this.chains.slice(1).keys()) {
      await this.#rly('transact', 'link', pathName(i), '--client-tp', '1h');
    }
  }

  /**
   * Starts to relay; resolves when the relayer reads the blocks of all chains.
   * It never continues a handshake that began before, only packets. The caller
   * must kill the process.
   */
  async start(): Promise<Process> {
    const relaying = new Process(rly, [
      'start',
      ...(this.chains.length === 2 ? [pathName(0)] : []),
      ...['--home', this.#home, '--log-format', 'json'],
      ...['--flush-interval', '30s', '--block-history', '0'],
    ]);
    try {
      for (const { chainId } of this.chains) {
        await relaying.line((line) => inSync(line, chainId) || undefined);
      }
    } catch (error) {
      await relaying.kill();
      throw error;
    }
    return relaying;
  }

  /** Relays while `use` runs, as {@link start} does. */
  async relay(use: () => Promise<void>): Promise<void> {
    const relaying = await this.start();
    try {
      await use();
    } finally {
      await relaying.kill();
    }
  }

  /** Relays every packet that is pending on a channel of the first chain. */
  async flush(channel: string): Promise<void> {
    await this.#rly('transact', 'flush', pathName(0), channel);
  }
}

/** The path between a chain and the next. */
const pathName = (i: number): string => `path-${String(i)}`;

/** Whether the relayer logs that it has read a chain's latest block. */
function inSync(line: string, chainId: string): boolean {
  return line.includes('"Chain is in sync"') && line.includes(`"${chainId}"`);
}

function configOf({ chainId, node }: RelayedChain): object {
  return {
    type: 'cosmos',
    value: {
      key: 'relayer',
      'chain-id': chainId,
      'rpc-addr': node.rpcUrl,
      'account-prefix': 'agoric',
      'coin-type': 564,
      'keyring-backend': 'test',
      'gas-adjustment': 1.5,
      'gas-prices': '0.01uist',
      'sign-mode': 'direct',
      'output-format': 'json',
      timeout: '20s',
      'min-loop-duration': '400ms',
      'broadcast-mode': 'batch',
    },
  };
}
