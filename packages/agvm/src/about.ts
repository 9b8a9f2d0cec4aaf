/**
 * What `agvm-about` says of the installed VM. It starts no kernel and changes
 * nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { messageOf } from '@agd-bridge/bridge';

import { checkKernel, databases } from './kernel.js';
import { readStoreState } from './store-state.js';

/** The packages whose versions make up the kernel; each is resolved from the first. */
const KERNEL = [
  '@agoric/cosmic-swingset',
  '@agoric/swingset-vat',
  '@agoric/swing-store',
  '@agoric/xsnap',
  '@agoric/swingset-liveslots',
];

const require = createRequire(import.meta.url);

/** The reason why a step fails, in one line; '' if it does not. */
function failure(step: () => unknown): string {
  try {
    step();
    return '';
  } catch (error) {
    return messageOf(error).replace(/\s+/g, ' ').trim();
  }
}

const addons: readonly (readonly [name: string, load: () => unknown])[] = [
  [
    'addon in-process',
    () => require('@agd-bridge/bridge-inproc/addon') as unknown,
  ],
  ['addon split', () => require('@agd-bridge/bridge-split/addon') as unknown],
  [
    'better-sqlite3',
    () => {
      // In memory: the library is loaded by the first database.
      databases()(':memory:', {} as never).close();
    },
  ],
];

/** The versions of the packages that can be found. */
function versions(): Record<string, string> {
  const found: Record<string, string> = {};
  let from = import.meta.url;
  for (const name of KERNEL) {
    try {
      const main = createRequire(from).resolve(name);
      if (name === KERNEL[0]) from = main;
      found[name] = versionAt(main, name);
    } catch {
      // checkKernel says what is missing.
    }
  }
  return found;
}

/** The version of the package to which a file belongs; '' if there is none. */
function versionAt(file: string, name: string): string {
  const dir = path.dirname(file);
  if (dir === file) return '';
  const manifest = path.join(dir, 'package.json');
  if (existsSync(manifest)) {
    const found = JSON.parse(readFileSync(manifest, 'utf8')) as {
      name?: string;
      version?: string;
    };
    if (found.name === name) return found.version ?? '';
  }
  return versionAt(dir, name);
}

function storeIn(dir: string): object {
  try {
    const { exists, height } = readStoreState(databases(), dir, 0);
    return { exists, height };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** The parts of the VM. @param store the directory of a kernel's store, to read its state */
export function describe(store?: string): object {
  return {
    bundle: existsSync(new URL('../bundle/main.js', import.meta.url)),
    kernel: failure(checkKernel),
    addons: addons.map(([name, load]) => ({ name, error: failure(load) })),
    packages: versions(),
    ...(store !== undefined && { store: storeIn(store) }),
  };
}
