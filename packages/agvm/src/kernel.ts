import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

import { messageOf } from '@agd-bridge/bridge';

import type { Agcc } from './agcc.js';
import { replaceBundler, replaceZipBuffer } from './bundler-hooks.js';
import { readEscapedPaths } from './escaped-paths.js';
import { root } from './installation.js';
import {
  forgetSends,
  withPreparation,
  type SwingStores,
} from './chain-sends.js';
import { UsageError } from './modes.js';
import { replaceImport, type ImportOf } from './module-hooks.js';
import type { Database, OpenDatabase } from './store-state.js';

/** Names the kernel's configuration, in place of the genesis. */
const BOOTSTRAP_CONFIG = 'CHAIN_BOOTSTRAP_VAT_CONFIG';

/** The launcher's forced garbage collection after each commit. */
const FORCED_GC: ImportOf = {
  importer: '/@agoric/cosmic-swingset/src/chain-main.js',
  specifier: '@agoric/internal/src/lib-nodejs/engine-gc.js',
};

export interface KernelOptions {
  /**
   * The kernel's arguments. The kernel reads `--home`: its state is in
   * `data/agoric` there.
   */
  readonly args: readonly string[];
  /** The kernel's environment; it sets SLOGFILE there, and a path of its configuration becomes a URL. */
  readonly env: NodeJS.ProcessEnv;
  /** Parent of the default home, if `args` name none. */
  readonly homedir: string;
  readonly agcc: Agcc;
}

/**
 * Imports Agoric's kernel, unmodified, and connects it to `agcc`. Where the
 * kernel would bundle its own sources, it gets the kept bundles
 * (./kept-bundles.ts). The import locks down the JavaScript realm (SES): all patching must be done before.
 * Resolves once the kernel accepts actions; the first must be INIT.
 *
 * @throws {KernelMissing} a package of the kernel cannot be found
 */
export async function startKernel({
  args,
  env,
  homedir,
  agcc,
}: KernelOptions): Promise<void> {
  readEscapedPaths();
  const config = env[BOOTSTRAP_CONFIG];
  if (config !== undefined && path.isAbsolute(config)) {
    env[BOOTSTRAP_CONFIG] = pathToFileURL(config).href; // else "#" ends it
  }
  replaceImport(FORCED_GC, new URL('./forced-gc.js', import.meta.url).href);
  replaceZipBuffer();
  const { main, homeOf, swingStores } = await importKernel(env);
  replaceBundler(new URL('./bundle-zip.js', import.meta.url).href);
  const state = `${homeOf({ env, args, homedir })}/data/agoric`;
  await main('agvm', [...args], {
    env,
    homedir,
    path,
    agcc: {
      ...agcc,
      runAgCosmosDaemon: (nodePort, fromGo, daemonArgs) => {
        const prepared = withPreparation(fromGo, async (init) =>
          forgetSends(swingStores, state, init),
        );
        agcc.runAgCosmosDaemon(nodePort, prepared, daemonArgs);
      },
    },
  });
}

/** The kernel, or a package that it needs, is not installed. */
export class KernelMissing extends UsageError {
  constructor(why: string, command: string) {
    super(`the kernel is not installed: ${why}: run "${command}" in ${root}`);
  }
}

/**
 * Checks that the kernel and its compiled parts are installed, for this version
 * of Node.js. The kernel itself would detect that only in the first block.
 * Loads nothing but the addon of the kernel's store.
 *
 * @throws {KernelMissing}
 */
export function checkKernel(): void {
  find(import.meta.url, '@endo/init/pre.js');
  const kernel = find(import.meta.url, '@agoric/cosmic-swingset');
  const compiled = [
    // Its Node-API binaries come with the package; its own build overrides them.
    ['@agoric/swing-store', DATABASES, ['prebuilds', 'build/Release']],
    ['@agoric/swingset-vat', '@agoric/xsnap', ['xsnap-native/xsnap/build/bin']],
  ] as const;
  for (const [user, name, outputs] of compiled) {
    const main = find(find(kernel, user), name);
    const root = path.join(`${path.sep}${name}`, path.sep);
    const dir = main.slice(0, main.lastIndexOf(root) + root.length);
    if (!outputs.some((output) => existsSync(path.join(dir, output)))) {
      throw new KernelMissing(`${dir} is not compiled`, 'npm rebuild');
    }
  }
  try {
    databases()(':memory:', {} as never).close();
  } catch (error) {
    if (error instanceof KernelMissing) throw error;
    const message = messageOf(error);
    const [, addon = '', built, own] =
      /'(.+)'[^]*NODE_MODULE_VERSION (\d+)[^]*NODE_MODULE_VERSION (\d+)/.exec(
        message,
      ) ?? [];
    const why =
      built === undefined || own === undefined
        ? (message.split('\n')[0] ?? '')
        : `${addon} is built for another Node.js (NODE_MODULE_VERSION ${built}) than this ${process.version} (${own})`;
    throw new KernelMissing(why, 'npm rebuild');
  }
}

/** The package of the kernel's store that has an addon. */
const DATABASES = 'better-sqlite3';

/** Opens databases with the SQLite library of the kernel's store. */
export function databases(): OpenDatabase {
  const require = createRequire(
    find(
      find(import.meta.url, '@agoric/cosmic-swingset'),
      '@agoric/swing-store',
    ),
  );
  const Sqlite = require(DATABASES) as new (
    ...args: Parameters<OpenDatabase>
  ) => Database;
  return (...args) => new Sqlite(...args);
}

/**
 * Path of a package's main file, or of another file of it, as resolved from a
 * file.
 *
 * @throws {KernelMissing}
 */
export function find(from: string, name: string): string {
  try {
    return createRequire(from).resolve(name);
  } catch (error) {
    const [why = ''] = messageOf(error).split('\n');
    throw new KernelMissing(why, 'npm install');
  }
}

/** A logger of the kernel's: the global console, or one of anylogger's. */
type Logger = Record<'error' | 'warn' | 'info', (...args: unknown[]) => void>;

/**
 * Drops the kernel's log lines that repeat agd's: two for each block, two at a
 * stop, and one at the start, with the modules of the slog. Any value of the
 * variable DEBUG restores them.
 */
async function hush(env: KernelOptions['env']): Promise<void> {
  if (env['DEBUG'] !== undefined) return;
  const file = find(
    find(import.meta.url, '@agoric/cosmic-swingset'),
    'anylogger',
  );
  const { default: anylogger } = (await import(pathToFileURL(file).href)) as {
    default: (name: string) => Logger;
  };
  drop(
    anylogger('block-manager'),
    'info',
    (...args) =>
      args[0] === 'block' && /^(begin|commit)$/.test(String(args[2])),
  );
  // Of @agoric/internal, src/node/shutdown.js.
  const shutdown = anylogger('shutdown');
  drop(shutdown, 'error', (text) => text === 'Shutting down cleanly...');
  drop(shutdown, 'warn', (text) => text === 'Process terminated!');
  const copy = { ...console }; // lockdown has frozen the console's methods
  drop(copy, 'warn', (text) => text === 'Loading slog sender modules:');
  globalThis.console = copy;
}

/** Removes from one level of a logger the lines that match. */
function drop(
  logger: Logger,
  level: keyof Logger,
  matches: (...args: unknown[]) => boolean,
): void {
  const log = logger[level];
  logger[level] = (...args) => {
    if (!matches(...args)) log(...args);
  };
}

/**
 * Removes what only some supported versions of Node.js have and lockdown would
 * keep: code in compartments must see the same on every validator.
 */
function removeNewNames(): void {
  Reflect.deleteProperty(globalThis, 'Temporal'); // from Node.js 26
  Reflect.deleteProperty(Date.prototype, 'toTemporalInstant');
}

async function importKernel(env: KernelOptions['env']) {
  removeNewNames();
  try {
    // In this order: shims, lockdown, logging, kernel (as cosmic-swingset's src/entrypoint.js does).
    await import('@endo/init/pre.js');
    await import('@endo/init/unsafe-fast.js');
    await import('@agoric/cosmic-swingset/src/anylogger-agoric.js');
    await hush(env);
    const chainMain = await import('@agoric/cosmic-swingset/src/chain-main.js');
    const processValue =
      await import('@agoric/cosmic-swingset/src/helpers/process-value.js');
    const store = find(
      find(import.meta.url, '@agoric/cosmic-swingset'),
      '@agoric/swing-store',
    );
    return {
      main: chainMain.default,
      homeOf: ({ env, args, homedir }: Omit<KernelOptions, 'agcc'>) =>
        processValue
          .makeProcessValue({ env, args })
          .getFlag('home', `${homedir}/.ag-chain-cosmos`),
      swingStores: (await import(pathToFileURL(store).href)) as SwingStores,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') {
      throw new KernelMissing(messageOf(error), 'npm install');
    }
    throw error;
  }
}
