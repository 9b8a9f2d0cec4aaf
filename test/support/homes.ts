import { createHash } from 'node:crypto';
import {
  copyFile,
  cp,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { makeLocalChain } from '@agd-bridge/chain-kit';

import { AgdNode, nodePorts, runAgd, type NodeOptions } from './node.js';
import { agd, library, requireBuild, root } from './paths.js';

export const chainId = 'agd-test';

/** Minimum time between blocks of a test chain, in milliseconds. */
export const blockTime = 200;

/**
 * Settings of test chains: quick blocks, no listeners except the node's own
 * ports, and a longer RPC timeout. A transaction may wait for the kernel's
 * start, and CometBFT's RPC by default drops its answer after 10 s.
 */
const settings = [
  ['config', 'consensus.timeout_commit', `${String(blockTime)}ms`],
  ['config', 'p2p.addr_book_strict', 'false'],
  ['config', 'p2p.allow_duplicate_ip', 'true'],
  ['config', 'rpc.pprof_laddr', ''],
  ['config', 'rpc.timeout_broadcast_tx_commit', '2m'],
] as const;

/**
 * The content of a booted kernel: only the demonstration vat, or Agoric's core.
 */
export type Content = 'bank' | 'core';

/** Agoric's core, with what smart wallets need. */
export const coreConfig = '@agd-bridge/vats/core-config.json';

/**
 * A home whose kernel has booted. The kernel's first start takes 20 seconds,
 * and minutes with Agoric's core, so it runs once for each build, and every
 * test gets a copy. The caller owns the copy, below its directory from {@link
 * withTempDir}.
 */
export async function bootedHome(
  dir: string,
  content: Content = 'bank',
): Promise<string> {
  const cached = await cachedHome(content);
  const home = join(dir, 'home');
  await cp(cached, home, { recursive: true });
  return home;
}

/** A fresh home of the same kind, no block made yet. */
export async function freshHome(
  dir: string,
  options: Partial<Parameters<typeof makeLocalChain>[0]> = {},
): Promise<string> {
  requireBuild();
  const home = join(dir, 'home');
  await makeLocalChain({
    agd,
    home,
    chainId,
    settings,
    editGenesis: forTests,
    ...options,
  });
  return home;
}

/**
 * Without inflation, an empty block changes no balance and gives the vat no
 * work. Governance decides within a second.
 */
async function forTests(home: string): Promise<void> {
  await editGenesis(home, (state) => {
    Object.assign(state.gov.params, {
      min_deposit: [{ denom: 'ubld', amount: '1' }],
      expedited_min_deposit: [{ denom: 'ubld', amount: '2' }],
      voting_period: '2s',
      expedited_voting_period: '1s',
    });
    Object.assign(state.mint.minter, { inflation: '0' });
    Object.assign(state.mint.params, {
      inflation_rate_change: '0',
      inflation_max: '0',
      inflation_min: '0',
    });
  });
}

/** The tests' changes of a genesis' app_state. */
interface AppState {
  readonly auth: { readonly accounts: object[] };
  readonly mint: { readonly minter: object; readonly params: object };
  readonly gov: { readonly params: object };
  readonly swingset: { readonly params: object };
}

export async function editGenesis(
  home: string,
  edit: (state: AppState) => void,
): Promise<void> {
  const file = join(home, 'config', 'genesis.json');
  const genesis = JSON.parse(await readFile(file, 'utf8')) as {
    app_state: AppState;
  };
  edit(genesis.app_state);
  await writeFile(file, JSON.stringify(genesis, null, 2));
}

/**
 * A home whose chain begins in an hour: CometBFT starts and waits for the
 * genesis time.
 */
export async function waitingHome(dir: string): Promise<string> {
  const home = await freshHome(dir);
  const file = join(home, 'config', 'genesis.json');
  const genesis = JSON.parse(await readFile(file, 'utf8')) as object;
  const hour = 3600_000;
  const genesis_time = new Date(Date.now() + hour).toISOString();
  await writeFile(file, JSON.stringify({ ...genesis, genesis_time }));
  return home;
}

/** A full node's home, configured to follow another node's chain. */
export async function followerHome(
  dir: string,
  leader: { readonly options: Pick<NodeOptions, 'home' | 'ports'> },
): Promise<string> {
  const home = join(dir, 'follower');
  await runAgd(home, ['init', 'follower', '--chain-id', chainId]);
  await cp(
    join(leader.options.home, 'config', 'genesis.json'),
    join(home, 'config', 'genesis.json'),
  );
  const id = await runAgd(leader.options.home, ['comet', 'show-node-id']);
  const peer = `${id}@127.0.0.1:${String(leader.options.ports.p2p)}`;
  for (const setting of [
    ...settings,
    ['config', 'p2p.persistent_peers', peer],
    ['client', 'chain-id', chainId],
  ]) {
    await runAgd(home, ['config', 'set', ...setting]);
  }
  return home;
}

/**
 * A full node's home for the chain of a node on a {@link bootedHome}, with the
 * same first blocks: it follows from there.
 */
export async function bootedFollower(
  dir: string,
  leader: AgdNode,
  content: Content = 'bank',
): Promise<string> {
  return followerFrom(dir, await cachedHome(content), leader);
}

/**
 * A full node's home for a node's chain, with the first blocks of another home
 * of that chain.
 */
export async function followerFrom(
  dir: string,
  from: string,
  leader: AgdNode,
): Promise<string> {
  const home = join(dir, 'follower');
  await cp(from, home, { recursive: true });
  const own = join(dir, 'follower-keys');
  await runAgd(own, ['init', 'follower', '--chain-id', chainId]);
  for (const file of [
    join('config', 'node_key.json'),
    join('config', 'priv_validator_key.json'),
    join('data', 'priv_validator_state.json'),
  ]) {
    await cp(join(own, file), join(home, file));
  }
  const id = await runAgd(leader.options.home, ['comet', 'show-node-id']);
  const peer = `${id}@127.0.0.1:${String(leader.options.ports.p2p)}`;
  await runAgd(home, ['config', 'set', 'config', 'p2p.persistent_peers', peer]);
  return home;
}

/** Runs `use` with a temporary directory, and removes it afterwards. */
export async function withTempDir<T>(
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'agd-test-'));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function cachedHome(content: Content): Promise<string> {
  requireBuild();
  const name = `${content}-home-${await buildKey()}`;
  const cache = join(root, 'build', 'test', name);
  if (await exists(cache)) return cache;
  await mkdir(join(root, 'build', 'test'), { recursive: true });
  const work = await mkdtemp(`${cache}.new-`);
  const home = await freshHome(
    work,
    content === 'core' ? { bootstrapVatConfig: coreConfig } : {},
  );
  const node = new AgdNode({ home, mode: 'split', ports: await nodePorts() });
  try {
    await node.booted();
    await node.height(2);
    await node.stop();
  } finally {
    await node.kill();
  }
  await rename(home, cache).catch(async (error: unknown) => {
    if (!(await exists(cache))) throw error; // otherwise another test file was first
  });
  await rm(work, { recursive: true, force: true });
  return cache;
}

/**
 * Changes whenever a booted home could differ: it covers agd, the vats and
 * their part of the genesis.
 */
async function buildKey(): Promise<string> {
  const hash = createHash('sha256');
  const vats = join(root, 'packages', 'vats');
  const sources = (await readdir(join(vats, 'src'))).sort();
  for (const file of [
    agd,
    join(root, 'package-lock.json'),
    join(vats, 'bank-config.json'),
    join(vats, 'core-config.json'),
    join(root, 'packages', 'chain-kit', 'src', 'provision-pool.ts'),
    ...sources.map((source) => join(vats, 'src', source)),
  ]) {
    hash.update(await readFile(file));
  }
  // An agd without cgo has none.
  hash.update(await readFile(library).catch(() => ''));
  return hash.digest('hex').slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * An installation's directory with the real agd and its library, and the given files beside them.
 */
export async function agdBeside(
  dir: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  await mkdir(dir);
  const copy = join(dir, 'agd');
  for (const file of [agd, library]) {
    const to = join(dir, basename(file));
    await link(file, to).catch(async () => copyFile(file, to));
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(dir, name), text, { mode: 0o755 });
  }
  return copy;
}
