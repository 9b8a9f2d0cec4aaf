/**
 * What an installation consists of: `make install`, and the packages of a
 * release.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';

import {
  findKept,
  type Manifest,
} from '../../packages/agvm/src/kept-bundles.js';
import { closureOf, manifestOf, type Installed } from './closure.js';
import { isSuperfluous } from './superfluous.js';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

/** Files of `build`, and of the root. */
const FILES = [
  'build/agd',
  'build/libagd.so',
  'build/libagd-signals.so',
  'build/agd-vm-jail',
  'package.json',
  'package-lock.json',
  'LICENSE',
];

/** What a package of this repository installs of itself. */
const OWN_PARTS = [
  'package.json',
  'addon.cjs',
  'dist',
  'bundle',
  'kernel-bundles',
  'bin',
  'src',
  'bank-config.json',
  'core-config.json',
  'build/Release/agdbridge.node',
  'build/Release/agdsplit.node',
];

/** Programs that agd finds beside itself, and where they are. */
const PROGRAMS = {
  agvm: 'packages/agvm/bin/agvm',
  'agvm-about': 'packages/agvm/bin/agvm-about',
  'agd-ab': 'packages/ab/bin/agd-ab',
  'agd-localnet': 'packages/localnet/bin/agd-localnet',
  'agd-devnet': 'packages/localnet/bin/agd-devnet',
};

/** The kernel's worker, which npm has compiled. */
export const WORKER =
  'node_modules/@agoric/xsnap/xsnap-native/xsnap/build/bin/lin/release/xsnap-worker';

/** Packages of this repository that no installation has. */
const NOT_INSTALLED = ['create'];

/** The directories of this repository's packages, relative to its root. */
const ownPackages = (): string[] =>
  readdirSync(join(root, 'packages'))
    .filter((name) => !NOT_INSTALLED.includes(name))
    .map((name) => join('packages', name))
    .filter((place) => existsSync(join(root, place, 'package.json')));

/**
 * All packages that those of this repository need to run, and these themselves:
 * the VM's jail admits what `node_modules` has, or links to.
 */
export function installedPackages(): Installed[] {
  const all = ownPackages().flatMap((own) => {
    const dir = join(root, own);
    const manifest = manifestOf(dir);
    const place = join('node_modules', manifest.name);
    return [
      [place, { dir, place, manifest }] as const,
      ...closureOf(root, dir),
    ];
  });
  return [...new Map(all).values()];
}

/**
 * Copies what `make build` made into a directory, without what no program uses
 * at run time.
 *
 * @param target an empty directory
 * @throws {Error} a part is missing, or the kernel's bundles would be unusable
 */
export function stage(target: string): void {
  for (const file of FILES) {
    copyFileSync(join(root, file), join(target, basename(file)));
  }
  for (const place of ownPackages()) copyOwn(place, target);
  for (const installed of installedPackages()) copyInstalled(installed, target);
  for (const [name, program] of Object.entries(PROGRAMS)) {
    symlinkSync(program, join(target, name));
  }
  if (!existsSync(join(target, WORKER))) {
    throw new Error(`cannot install without ${WORKER}: run "npm rebuild"`);
  }
  checkBundles(target);
}

function copyOwn(place: string, target: string): void {
  for (const part of OWN_PARTS) {
    const from = join(root, place, part);
    if (!existsSync(from)) continue;
    copy(from, join(target, place, part), (name) =>
      isSuperfluous('', join(part, name), process),
    );
  }
}

/** Copies a package, or the link to one of this repository. */
function copyInstalled(
  { dir, place, manifest }: Installed,
  target: string,
): void {
  const to = join(target, place);
  mkdirSync(dirname(to), { recursive: true });
  if (lstatSync(join(root, place)).isSymbolicLink()) {
    const real = relative(root, dir);
    if (!real.startsWith('packages/')) {
      copy(dir, join(target, real), (name) => name === 'node_modules');
    }
    symlinkSync(relative(dirname(join(root, place)), dir), to);
    return;
  }
  copy(
    dir,
    to,
    (name) =>
      name === 'node_modules' || isSuperfluous(manifest.name, name, process),
  );
}

/** Copies a file, or a directory without what is left out, by its name there. */
function copy(
  from: string,
  to: string,
  isLeftOut: (name: string) => boolean,
): void {
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => source === from || !isLeftOut(relative(from, source)),
  });
}

/** The kernel's bundles name the files that they were made of. */
function checkBundles(target: string): void {
  const dir = join(target, 'packages', 'agvm', 'kernel-bundles');
  for (const set of readdirSync(dir)) {
    const text = readFileSync(join(dir, set, 'manifest.json'), 'utf8');
    const { bundles } = JSON.parse(text) as Manifest;
    for (const name of Object.keys(bundles)) {
      const found = findKept(join(target, name), dir, target);
      if (found.kind === 'kept') continue;
      const why = found.kind === 'stale' ? found.why : 'no set has it';
      throw new Error(
        `cannot install the bundle of ${name}: ${why}: run "make bundles"`,
      );
    }
  }
}
