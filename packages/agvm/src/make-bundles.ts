/**
 * `npm run bundles [-- SET…]`: makes the bundles that the kernel would make at
 * each start, and keeps them (./kept-bundles.ts). The sets are `kernel`, and
 * the configurations of `@agd-bridge/vats`, such as `bank-config`. Without
 * arguments it makes all of them.
 */
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { messageOf } from '@agd-bridge/bridge';

import { replaceBundler, replaceZipBuffer } from './bundler-hooks.js';
import { readEscapedPaths } from './escaped-paths.js';
import { find } from './kernel.js';
import {
  FORMAT,
  hashOf,
  keptDir,
  type Hashes,
  type KeptFile,
  type Manifest,
} from './kept-bundles.js';
import { descriptions, takeRecorded } from './recording.js';

type BundleSource = (file: string, options?: object) => Promise<unknown>;

/** What this program uses of `@agoric/swingset-vat`. */
interface SwingSet {
  buildKernelBundles(): Promise<unknown>;
  buildMailbox(state: object): Device;
  buildTimer(): Device;
  buildBridge(outbound: () => void): Device;
  loadSwingsetConfigFile(file: string): Promise<Config>;
}

interface Device {
  readonly srcPath: string;
}

interface Config {
  readonly vats?: Modules;
  readonly bundles?: Modules;
  readonly coreProposals?: unknown;
}

type Modules = Readonly<Record<string, { readonly sourceSpec?: string }>>;

/** Of `@agoric/deploy-script-support`. */
interface Proposals {
  extractCoreProposalBundles: (
    proposals: unknown,
    from: string,
    options: {
      handleToBundleSpec: (
        handle: { bundleID?: string },
        source: string,
      ) => Promise<readonly [string, unknown]>;
    },
  ) => Promise<unknown>;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`cannot make the kernel's bundles: ${messageOf(error)}`);
  process.exit(1);
}

async function main(names: readonly string[]): Promise<void> {
  const launcher = find(import.meta.url, '@agoric/cosmic-swingset');
  const controller = find(launcher, '@agoric/swingset-vat');
  const bundler = '@endo/bundle-source';
  readEscapedPaths();
  await import('@endo/init/pre.js');
  await import('@endo/init/unsafe-fast.js');
  replaceZipBuffer();
  replaceBundler(new URL('./recorded-zip.js', import.meta.url).href);
  const swingSet = (await load(controller)) as SwingSet;
  const { default: bundleSource } = (await load(find(controller, bundler))) as {
    default: BundleSource;
  };
  const configs = path.dirname(
    find(import.meta.url, '@agd-bridge/vats/package.json'),
  );

  const all = new Map([
    ['kernel', async () => bundleKernel(swingSet, bundleSource)],
  ]);
  for (const file of readdirSync(configs)) {
    const [name, rest] = file.split('.');
    if (rest !== 'json' || !name?.endsWith('-config')) continue;
    all.set(name, async () => {
      const config = await swingSet.loadSwingsetConfigFile(
        path.join(configs, file),
      );
      await bundleConfig(config, launcher, bundleSource);
    });
  }
  const described = descriptions(bundler, controller);
  for (const name of names.length === 0 ? all.keys() : names) {
    const make = all.get(name);
    if (make === undefined) {
      throw new Error(
        `there is no set ${JSON.stringify(name)}: choose from ${[...all.keys()].join(', ')}`,
      );
    }
    await make();
    keep(name, described, takeRecorded());
  }
}

/** What the kernel bundles, and the devices that the launcher adds to it. */
async function bundleKernel(
  swingSet: SwingSet,
  bundleSource: BundleSource,
): Promise<void> {
  await swingSet.buildKernelBundles();
  const devices = [
    swingSet.buildMailbox({}),
    swingSet.buildTimer(),
    swingSet.buildBridge(() => undefined),
  ];
  for (const { srcPath } of devices) await bundleSource(srcPath);
}

/** What a kernel that boots from a configuration bundles. */
async function bundleConfig(
  { vats = {}, bundles = {}, coreProposals }: Config,
  launcher: string,
  bundleSource: BundleSource,
): Promise<void> {
  const files = new Set<string>();
  for (const { sourceSpec } of [vats, bundles].flatMap(
    Object.values<Modules[string]>,
  )) {
    if (sourceSpec !== undefined) files.add(sourceSpec);
  }
  if (coreProposals !== undefined) {
    const { extractCoreProposalBundles } = (await load(
      find(launcher, '@agoric/deploy-script-support/src/extract-proposal.js'),
    )) as Proposals;
    await extractCoreProposalBundles(coreProposals, launcher, {
      handleToBundleSpec: (handle, source) => {
        files.add(source);
        handle.bundleID = source;
        return Promise.resolve([source, {}]);
      },
    });
  }
  for (const file of files) await bundleSource(file);
}

/** Writes a set, read-only, in place of an older one. */
function keep(
  set: string,
  bundler: Hashes,
  recorded: ReadonlyMap<string, KeptFile>,
): void {
  const dir = path.join(keptDir, set);
  const made = path.join(keptDir, `.${set}`); // in part, if an earlier run was interrupted
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const write = (name: string, content: object): string => {
    const text = JSON.stringify(content);
    writeFileSync(path.join(made, name), text, { mode: 0o444 });
    return hashOf(Buffer.from(text));
  };
  const bundles: Record<string, { file: string; sha256: string }> = {};
  for (const [name, kept] of recorded) {
    const file = `${String(Object.keys(bundles).length)}-${path.parse(name).name}.json`;
    bundles[name] = { file, sha256: write(file, kept) };
  }
  const manifest: Manifest = { format: FORMAT, bundler, bundles };
  write('manifest.json', manifest);
  rmSync(dir, { recursive: true, force: true });
  renameSync(made, dir);
}

async function load(file: string): Promise<unknown> {
  return import(pathToFileURL(file).href);
}
