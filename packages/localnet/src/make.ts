import {
  copyFile,
  mkdir,
  mkdtemp,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { agdIn, setBootstrap } from '@agd-bridge/chain-kit';

import { inLanes } from './lanes.js';
import { writeRecord, type NodeRecord, type NetworkRecord } from './record.js';

/** Options of a new network. */
export interface NewNetwork {
  /** agd's binary. */
  readonly agd: string;
  /** The directory to create; it must be absent or empty. */
  readonly dir: string;
  readonly validators: number;
  /** The kernels' bootstrap configuration; null for agd's default. */
  readonly bootstrapVatConfig: string | null;
  /** Aborts the creation and leaves nothing behind. */
  readonly signal: AbortSignal;
}

const CHAIN_ID = 'agd-localnet';
/**
 * Equal stakes: the chain halts without one third of the validators plus one.
 */
const STAKE = '500000000000ubld';
const VALIDATOR_COINS = { ubld: '1000000000000', uist: '1000000000000' };
/** Their keys are in the first node's keyring. */
const USERS = {
  alice: { ubld: '1000000000000', uist: '1000000000000' },
  bob: { ubld: '1000000' },
} as const;
const TEST = ['--keyring-backend', 'test'];

/**
 * Creates the homes of a network with one genesis. They are built in a
 * directory beside their place and then renamed, so that a failure or Ctrl-C
 * leaves nothing that would block the next attempt.
 *
 * @throws Error with agd's own message
 */
export async function makeNetwork(network: NewNetwork): Promise<NetworkRecord> {
  const { dir } = network;
  await mkdir(dirname(dir), { recursive: true });
  const work = await mkdtemp(`${dir}.new-`);
  try {
    const record = await fill(network, work);
    await rename(work, dir); // also replaces an empty directory
    return record;
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
}

async function fill(network: NewNetwork, work: string): Promise<NetworkRecord> {
  const { agd, validators, bootstrapVatConfig, signal } = network;
  const at = (name: string) => agdIn(agd, join(work, name), signal);
  const names = Array.from(
    { length: validators },
    (_, index) => `node${String(index + 1)}`,
  );
  const accounts: { address: string; coins: object }[] = [];
  const addKey = async (
    home: string,
    key: string,
    coins: Readonly<Record<string, string>>,
  ): Promise<void> => {
    await at(home)('keys', 'add', key, ...TEST);
    const address = await at(home)('keys', 'show', key, '-a', ...TEST);
    accounts.push({
      address,
      coins: Object.entries(coins).map(([denom, amount]) => ({
        denom,
        amount,
      })),
    });
  };
  const nodes = await inLanes(names, async (name): Promise<NodeRecord> => {
    await at(name)('init', name, '--chain-id', CHAIN_ID);
    await addKey(name, 'validator', VALIDATOR_COINS);
    await settle(at(name));
    const id = await at(name)('comet', 'show-node-id');
    return { name, id, rpc: 0, p2p: 0, grpc: 0 };
  });
  const [first = ''] = names;
  for (const [user, coins] of Object.entries(USERS)) {
    await addKey(first, user, coins);
  }
  const list = join(work, 'accounts.json');
  await writeFile(list, JSON.stringify(accounts));
  await at(first)('genesis', 'bulk-add-genesis-account', list);
  await rm(list);
  if (bootstrapVatConfig !== null) {
    await setBootstrap(join(work, first), bootstrapVatConfig);
  }
  await spread(work, names);
  const signed = join(work, first, 'config', 'gentx');
  await mkdir(signed, { recursive: true });
  await inLanes(names, async (name) => {
    const file = join(signed, `gentx-${name}.json`);
    const args = ['--chain-id', CHAIN_ID, '--output-document', file];
    await at(name)('genesis', 'gentx', 'validator', STAKE, ...args, ...TEST);
  });
  await at(first)('genesis', 'collect-gentxs');
  await spread(work, names);
  const record = {
    version: 1,
    chainId: CHAIN_ID,
    bootstrapVatConfig,
    nodes,
  } as const;
  await writeRecord(work, record);
  return record;
}

/**
 * Settings that are the same in every run: a block every second, and no refusal
 * of peers that share one address.
 */
async function settle(
  run: (...args: string[]) => Promise<string>,
): Promise<void> {
  await run(
    ...['config', 'set', 'config'],
    ...['consensus.timeout_commit', '1s'],
    ...['rpc.pprof_laddr', ''],
    // A transaction may wait for a booting kernel.
    ...['rpc.timeout_broadcast_tx_commit', '2m'],
    ...['p2p.addr_book_strict', 'false'],
    ...['p2p.allow_duplicate_ip', 'true'],
    ...['p2p.pex', 'false'],
    // A node that starts late is found soon.
    ...['p2p.persistent_peers_max_dial_period', '5s'],
  );
  await run(
    ...['config', 'set', 'client'],
    ...['chain-id', CHAIN_ID, 'keyring-backend', 'test'],
  );
}

/** Copies the first node's genesis to all. */
async function spread(
  work: string,
  [first = '', ...others]: readonly string[],
): Promise<void> {
  const file = (name: string): string =>
    join(work, name, 'config', 'genesis.json');
  for (const name of others) await copyFile(file(first), file(name));
}
