import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Hashes = Record<string, string>;

/** The parts of a set of kept bundles (`packages/agvm/src/kept-bundles.ts`) that change. */
interface KeptManifest {
  readonly bundler: Hashes;
  readonly bundles: Record<string, { readonly file: string; sha256: string }>;
}

/**
 * Makes a set of kept bundles accept changed files. The changes must have no
 * effect on the bundles, such as a package.json without its install scripts.
 *
 * @param set the directory of the set
 * @param changed the new texts by name, relative to the root
 */
export function acceptChanged(
  set: string,
  changed: ReadonlyMap<string, string>,
): void {
  const accept = (hashes: Hashes): void => {
    for (const [name, text] of changed) {
      if (name in hashes) hashes[name] = hashOf(text);
    }
  };
  const file = join(set, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as KeptManifest;
  accept(manifest.bundler);
  for (const bundle of Object.values(manifest.bundles)) {
    const path = join(set, bundle.file);
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { sources: Hashes };
    accept(kept.sources);
    const text = JSON.stringify(kept);
    chmodSync(path, 0o644);
    writeFileSync(path, text);
    bundle.sha256 = hashOf(text);
  }
  chmodSync(file, 0o644);
  writeFileSync(file, JSON.stringify(manifest));
}

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex');
