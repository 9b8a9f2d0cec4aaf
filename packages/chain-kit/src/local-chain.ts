import { execFile } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { fundProvisionPool } from './provision-pool.js';

const run = promisify(execFile);

/** Options of a local single-validator chain. */
export interface LocalChain {
  /** agd's binary. */
  readonly agd: string;
  /**
   * The home directory to create. It must be absent or empty: nothing is
   * overwritten.
   */
  readonly home: string;
  readonly chainId: string;
  /**
   * The kernel's bootstrap configuration, a module specifier; default: agd's.
   * With one, the genesis funds the provision pool of Agoric's core.
   */
  readonly bootstrapVatConfig?: string | undefined;
  /** Options for `agd config set FILE KEY VALUE`, after the defaults; FILE is `app`, `client` or `config`. */
  readonly settings?: readonly (readonly [
    file: string,
    key: string,
    value: string,
  ])[];
  /** Accounts beside {@link accounts}, with their coins. */
  readonly moreAccounts?: Readonly<Record<string, string>>;
  /** Further files of the home, by their names below it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Changes the genesis' app_state before the validator signs it. */
  readonly editGenesis?: (home: string) => Promise<void>;
  /** Aborts the creation and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/**
 * Accounts of a local chain, in the `test` keyring; alice is the validator's
 * operator.
 */
export const accounts = {
  alice: '1000000000000ubld,1000000000000uist',
  bob: '1000000ubld',
} as const;

/** A block every second, and a mempool sized for a developer's machine. */
const defaults: LocalChain['settings'] = [
  ['config', 'consensus.timeout_commit', '1s'],
  ['client', 'keyring-backend', 'test'],
];

/**
 * Creates the home directory of a single-validator chain. It is built in a
 * directory beside its place and then renamed, so that a failure or Ctrl-C
 * leaves nothing that would block the next attempt.
 *
 * @throws Error with agd's own message
 */
export async function makeLocalChain(chain: LocalChain): Promise<void> {
  const target = resolve(chain.home);
  if (await exists(join(target, 'config', 'genesis.json'))) {
    throw new Error(
      `cannot make a chain in ${JSON.stringify(target)}: it exists: remove it, or name another directory`,
    );
  }
  await mkdir(dirname(target), { recursive: true });
  const home = await mkdtemp(`${target}.new-`);
  try {
    await fillHome(chain, home);
    await rename(home, target); // also replaces an empty directory
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    const { code = '' } = error as NodeJS.ErrnoException;
    throw ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)
      ? new Error(`${target} is no empty directory: choose another`)
      : error;
  }
}

/**
 * Runs commands of an agd on a home, until the signal aborts. Each returns its
 * output, or throws an Error with agd's own message.
 */
export function agdIn(
  agd: string,
  home: string,
  signal?: AbortSignal,
): (...args: string[]) => Promise<string> {
  return async (...args) => {
    try {
      const options = signal ? { signal } : {};
      const { stdout } = await run(agd, [...args, '--home', home], options);
      return stdout.trim();
    } catch (error) {
      signal?.throwIfAborted();
      const { stderr } = error as { stderr?: string };
      throw new Error(`agd ${args.join(' ')}: ${stderr?.trim() ?? ''}`);
    }
  };
}

async function fillHome(chain: LocalChain, home: string): Promise<void> {
  const agd = agdIn(chain.agd, home, chain.signal);
  const test = ['--keyring-backend', 'test'];
  await agd('init', 'local', '--chain-id', chain.chainId);
  const all = { ...accounts, ...chain.moreAccounts };
  for (const [name, coins] of Object.entries(all)) {
    await agd('keys', 'add', name, ...test);
    await agd('genesis', 'add-genesis-account', name, coins, ...test);
  }
  if (chain.bootstrapVatConfig !== undefined) {
    await setBootstrap(home, chain.bootstrapVatConfig);
  }
  await chain.editGenesis?.(home);
  await agd(
    'genesis',
    'gentx',
    'alice',
    '500000000000ubld',
    '--chain-id',
    chain.chainId,
    ...test,
  );
  await agd('genesis', 'collect-gentxs');
  const settings = [
    ...(defaults ?? []),
    ['client', 'chain-id', chain.chainId] as const,
    ...(chain.settings ?? []),
  ];
  for (const name of ['app', 'client', 'config']) {
    const pairs = settings.flatMap(([file, ...pair]) =>
      file === name ? pair : [],
    );
    if (pairs.length > 0) await agd('config', 'set', name, ...pairs);
  }
  for (const [name, text] of Object.entries(chain.files ?? {})) {
    await writeFile(join(home, name), text);
  }
}

/**
 * Writes the kernel's bootstrap configuration to a home's genesis, and funds
 * the provision pool, from which Agoric's core gives to new wallets.
 */
export async function setBootstrap(
  home: string,
  config: string,
): Promise<void> {
  const file = join(home, 'config', 'genesis.json');
  const genesis = JSON.parse(await readFile(file, 'utf8')) as {
    app_state: { swingset: { params: { bootstrap_vat_config: string } } };
  };
  genesis.app_state.swingset.params.bootstrap_vat_config = config;
  await writeFile(file, JSON.stringify(genesis, null, 2));
  await fundProvisionPool(home);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
