import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { root } from './installation.js';
import {
  hashOf,
  type Bundle,
  type Hashes,
  type KeptFile,
} from './kept-bundles.js';

/** What was bundled since the last {@link takeRecorded}, by name. */
const recorded = new Map<string, KeptFile>();

/** Returns and forgets what was recorded, by module name. */
export function takeRecorded(): Map<string, KeptFile> {
  const taken = new Map(recorded);
  recorded.clear();
  return taken;
}

/**
 * Bundles a module.
 *
 * @param bundle calls the bundler with these powers
 * @throws Error a source is outside of the installation
 */
export async function record(
  file: string,
  bundle: (powers: Readonly<Record<string, unknown>>) => Promise<Bundle>,
): Promise<Bundle> {
  const sources: Record<string, string> = {};
  const absent = new Set<string>();
  const read = (location: string): Uint8Array => {
    const source = fileURLToPath(location);
    const bytes = readFileSync(source);
    sources[nameOf(source)] = hashOf(bytes);
    return bytes;
  };
  const maybeRead = (location: string): Uint8Array | undefined => {
    try {
      return read(location);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EISDIR') throw error;
      const name = path.relative(root, fileURLToPath(location));
      if (code === 'ENOENT' && !name.startsWith('..')) absent.add(name);
      return undefined;
    }
  };
  const made = await bundle({
    read: (location: string) => Promise.resolve(read(location)),
    maybeRead: (location: string) => Promise.resolve(maybeRead(location)),
  });
  const kept = {
    sources: Object.fromEntries(Object.entries(sources).sort()),
    absent: [...absent].sort(),
    bundle: made,
  };
  recorded.set(nameOf(file), kept);
  return made;
}

/** The descriptions of a package and of all that it depends on. */
export function descriptions(name: string, from: string): Hashes {
  const found: Record<string, string> = {};
  const add = (dependency: string, user: string): void => {
    const file = (createRequire(user).resolve.paths(dependency) ?? [])
      .map((dir) => path.join(dir, dependency, 'package.json'))
      .find((candidate) => existsSync(candidate));
    if (file === undefined || nameOf(file) in found) return; // or optional
    const bytes = readFileSync(file);
    found[nameOf(file)] = hashOf(bytes);
    const { dependencies = {} } = JSON.parse(bytes.toString()) as {
      dependencies?: Record<string, string>;
    };
    for (const next of Object.keys(dependencies)) add(next, file);
  };
  add(name, from);
  return found;
}

function nameOf(file: string): string {
  const name = path.relative(root, file);
  if (name.startsWith('..')) {
    throw new Error(
      `cannot keep bundles: ${JSON.stringify(file)} is outside of ${JSON.stringify(root)}: install its package there`,
    );
  }
  return name;
}
