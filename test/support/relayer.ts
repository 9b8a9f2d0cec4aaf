import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freshHome } from './homes.js';
import { AgdNode, nodePorts, runAgd, type Mode } from './node.js';
import { root } from './paths.js';
import { Process, patience } from './process.js';

const run = promisify(execFile);

/**
 * The Go relayer as built by `make test-ibc`, because the build is too large
 * for every test run.
 */
export const rly = join(root, 'build', 'test', 'rly');

/** A chain that the relayer connects. */
export interface RelayedChain {
  readonly chainId: string;
  readonly node: AgdNode;
}

/**
 * Starts two chains, one in each mode; resolves when both have booted. The
 * caller must kill the nodes.
 *
 * @param bootstrapVatConfig what their kernels boot from; default: the
 * demonstration vat
 */
export async function relayedChains(
  dir: string,
  bootstrapVatConfig?: string,
): Promise<readonly [RelayedChain, RelayedChain]> {
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
  const chains = [
    await start('agd-a-1', 'split'),
    await start('agd-b-1', 'in-process'),
  ] as const;
  try {
    await Promise.all(chains.map(({ node }) => node.booted()));
  } catch (error) {
    await Promise.all(chains.map(({ node }) => node.kill()));
    throw error;
  }
  return chains;
}

const path = 'path';

/** The Go relayer between two chains, with its own home and accounts. */
export class Relayer {
  readonly chains: readonly [RelayedChain, RelayedChain];
  readonly #home: string;

  /** Use {@link Relayer.create}. */
  private constructor(
    home: string,
    chains: readonly [RelayedChain, RelayedChain],
  ) {
    this.#home = home;
    this.chains = chains;
  }

  /** Creates its home and its accounts, which alice of each chain funds. */
  static async create(
    home: string,
    chains: readonly [RelayedChain, RelayedChain],
  ): Promise<Relayer> {
    await mkdir(join(home, 'config'), { recursive: true });
    const [src, dst] = chains.map(({ chainId }) => ({ 'chain-id': chainId }));
    const config = {
      global: { timeout: '10s', memo: '', 'light-cache-size': 20 },
      chains: Object.fromEntries(
        chains.map((chain) => [chain.chainId, configOf(chain)]),
      ),
      paths: { [path]: { src, dst, 'src-channel-filter': { rule: '' } } },
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

  /** Creates clients, a connection and a channel for transfers. */
  async link(): Promise<void> {
    await this.#rly('transact', 'link', path, '--client-tp', '1h');
  }

  /** Starts to relay. The caller must kill the process. */
  start(): Process {
    return new Process(rly, [
      ...['start', path, '--home', this.#home],
      ...['--flush-interval', '30s', '--block-history', '0'],
    ]);
  }

  /** Relays every packet that is pending on a channel of the first chain. */
  async flush(channel: string): Promise<void> {
    await this.#rly('transact', 'flush', path, channel);
  }
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
