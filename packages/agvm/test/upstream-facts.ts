/**
 * What agvm depends on inside the kernel's packages, beyond their documented
 * interfaces. `docs/kernel-versions.md` explains how to use the list.
 */
export interface UpstreamFact {
  /** What must hold, as a phrase. */
  readonly fact: string;
  /** The package, as resolved from the one before it, the first from agvm. */
  readonly from: readonly string[];
  /** The version in which the fact was verified. */
  readonly version: string;
  /** The file below the package's root. */
  readonly file: string;
  /** Matches the file's text as long as the fact holds. */
  readonly pattern: RegExp;
  /** The file of this repository that depends on it. */
  readonly ours: string;
}

const kernel = ['@agoric/cosmic-swingset'];
const swingStore = [...kernel, '@agoric/swing-store'];
const swingset = [...kernel, '@agoric/swingset-vat'];
const xsnap = [...swingset, '@agoric/xsnap'];
const zip = [
  ...swingset,
  '@endo/bundle-source',
  '@endo/compartment-mapper',
  '@endo/zip',
];
const internal = [...kernel, '@agoric/internal'];

const src = (name: string): string => `packages/agvm/src/${name}`;

export const facts: readonly UpstreamFact[] = [
  {
    fact: 'main takes the program name, arguments and { env, homedir, path, agcc }',
    from: kernel,
    version: '0.42.0',
    file: 'src/chain-main.js',
    pattern:
      /export default async function main\(\s*progname,\s*args,\s*\{ env, homedir, path[^}]*agcc \}/,
    ours: src('kernel.ts'),
  },
  {
    fact: 'main calls agcc.runAgCosmosDaemon(nodePort, fromGo, args)',
    from: kernel,
    version: '0.42.0',
    file: 'src/chain-main.js',
    pattern: /agcc\.runAgCosmosDaemon\(nodePort, fromGo, /,
    ours: src('agcc.ts'),
  },
  {
    fact: "an error of an action is rejected with the error's stack",
    from: kernel,
    version: '0.42.0',
    file: 'src/chain-main.js',
    pattern: /replier\.reject\(`\$\{\(rej && rej\.stack\) \|\| rej\}`\)/,
    ours: src('agcc.ts'),
  },
  {
    fact: 'the state is in data/agoric of --home, ~/.ag-chain-cosmos by default',
    from: kernel,
    version: '0.42.0',
    file: 'src/chain-main.js',
    pattern:
      /`\$\{homedir\}\/\.ag-chain-cosmos`[\s\S]*`\$\{cosmosHome\}\/data\/agoric`/,
    ours: src('kernel.ts'),
  },
  {
    fact: 'after each commit the launcher forces a garbage collection for its memory figures',
    from: kernel,
    version: '0.42.0',
    file: 'src/chain-main.js',
    pattern:
      /import engineGC from '@agoric\/internal\/src\/lib-nodejs\/engine-gc\.js';[\s\S]*const afterCommitCallback = [\s\S]*engineGC\(\);[\s\S]*forcedGc:/,
    ours: src('forced-gc.ts'),
  },
  {
    fact: 'makeProcessValue(…).getFlag reads --home',
    from: kernel,
    version: '0.42.0',
    file: 'src/helpers/process-value.js',
    pattern:
      /export const makeProcessValue = \(\{ env, args \}\)[\s\S]*const getFlag = /,
    ours: src('kernel.ts'),
  },
  {
    fact: 'the entry point imports pre.js, unsafe-fast.js, anylogger-agoric.js and chain-main.js in this order',
    from: kernel,
    version: '0.42.0',
    file: 'src/entrypoint.js',
    pattern:
      /pre\.js'[\s\S]*unsafe-fast\.js'[\s\S]*anylogger-agoric\.js'[\s\S]*chain-main\.js'/,
    ours: src('kernel.ts'),
  },
  {
    fact: 'the host keys of the store begin with host.',
    from: kernel,
    version: '0.42.0',
    file: 'src/launch-chain.js',
    pattern: /getHostKey = path => `host\.\$\{path\}`/,
    ours: src('chain-sends.ts'),
  },
  {
    fact: "COMMIT_BLOCK saves the block's height and its downcalls under the host keys height and chainSends",
    from: kernel,
    version: '0.42.0',
    file: 'src/launch-chain.js',
    pattern:
      /set\(getHostKey\('height'\), [^;]*;\s*kvStore\.set\(getHostKey\('chainSends'\), JSON\.stringify\(chainSends\)\)/,
    ours: src('chain-sends.ts'),
  },
  {
    fact: 'a kernel that starts reads the saved downcalls',
    from: kernel,
    version: '0.42.0',
    file: 'src/launch-chain.js',
    pattern:
      /savedChainSends: JSON\.parse\(kvStore\.get\(getHostKey\('chainSends'\)\)/,
    ours: src('chain-sends.ts'),
  },
  {
    fact: 'a saved downcall is [[port, message], answer]',
    from: kernel,
    version: '0.42.0',
    file: 'src/chain-main.js',
    pattern: /savedChainSends\.push\(\[sendArgs, ret\]\)/,
    ours: src('store-state.ts'),
  },
  {
    fact: 'the hash of what the kernel has done is exported as kv.activityhash',
    from: swingStore,
    version: '0.10.0',
    file: 'src/swingStore.js',
    pattern: /noteExport\(`kv\.activityhash`, activityhash\)/,
    ours: src('store-state.ts'),
  },
  {
    fact: 'the store is the table kvStore of swingstore.sqlite',
    from: swingStore,
    version: '0.10.0',
    file: 'src/kvStore.js',
    pattern: /CREATE TABLE IF NOT EXISTS kvStore \(\s*key TEXT,\s*value TEXT/,
    ours: src('store-state.ts'),
  },
  {
    fact: "a device's number is at device.name.NAME",
    from: swingset,
    version: '0.33.0',
    file: 'src/kernel/state/kernelKeeper.js',
    pattern: /const k = `device\.name\.\$\{name\}`/,
    ours: src('store-state.ts'),
  },
  {
    fact: "the timer's state has lastPolled",
    from: swingset,
    version: '0.33.0',
    file: 'src/devices/timer/device-timer.js',
    pattern: /lastPolled = time;/,
    ours: src('store-state.ts'),
  },
  {
    fact: 'the exporter of state snapshots is started by fork of node:child_process',
    from: kernel,
    version: '0.42.0',
    file: 'src/chain-main.js',
    pattern: /import \{ fork \} from 'node:child_process'/,
    ours: src('workers.ts'),
  },
  {
    fact: 'openSwingStore and isSwingStore are exported',
    from: swingStore,
    version: '0.10.0',
    file: 'src/index.js',
    pattern:
      /isSwingStore[\s\S]*openSwingStore|openSwingStore[\s\S]*isSwingStore/,
    ours: src('chain-sends.ts'),
  },
  {
    fact: 'initSwingStore empties a directory by rmSync, recursively',
    from: swingStore,
    version: '0.10.0',
    file: 'src/swingStore.js',
    pattern: /fs\.rmSync\(path, \{ recursive: true/,
    ours: src('jail.ts'),
  },
  {
    fact: 'workers are started by spawn of child_process',
    from: swingset,
    version: '0.33.0',
    file: 'src/controller/controller.js',
    pattern: /import \{ spawn as ambientSpawn \} from 'child_process'/,
    ours: src('workers.ts'),
  },
  {
    fact: 'the archives of bundles are written through one import of a buffer',
    from: zip,
    version: '1.1.0',
    file: 'src/writer.js',
    pattern: /import \{ BufferWriter \} from '\.\/buffer-writer\.js'/,
    ours: src('growing-buffer.ts'),
  },
  {
    fact: 'that buffer makes room in ensureCanSeek, by doubling its capacity',
    from: zip,
    version: '1.1.0',
    file: 'src/buffer-writer.js',
    pattern: /ensureCanSeek\(required\) \{[\s\S]*?capacity \*= 2;/,
    ours: src('growing-buffer.ts'),
  },
  {
    fact: "a worker's program is named xsnap-worker",
    from: xsnap,
    version: '0.15.0',
    file: 'src/xsnap.js',
    pattern: /\/xsnap-worker`/,
    ours: src('workers.ts'),
  },
  {
    fact: 'makeShutdown listens for SIGTERM, SIGINT, beforeExit and uncaughtException',
    from: internal,
    version: '0.4.0',
    file: 'src/node/shutdown.js',
    pattern:
      /on\('SIGTERM'[\s\S]*on\('SIGINT'[\s\S]*on\('beforeExit'[\s\S]*on\('uncaughtException'/,
    ours: src('signals.ts'),
  },
];
