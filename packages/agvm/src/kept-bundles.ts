import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { messageOf } from '@agd-bridge/bridge';

import { root } from './installation.js';

/** A bundle of the kernel's bundler in its default format. */
export interface Bundle {
  readonly moduleFormat: 'endoZipBase64';
  readonly endoZipBase64: string;
  readonly endoZipBase64Sha512: string;
}

/** `bundleZipBase64` of `@endo/bundle-source`. */
export type BundleZip = (
  file: string,
  options?: Readonly<Record<string, unknown>>,
  powers?: Readonly<Record<string, unknown>>,
) => Promise<Bundle>;

/** Where `npm run bundles` keeps bundles: a directory for each set. */
export const keptDir = fileURLToPath(
  new URL('../kernel-bundles', import.meta.url),
);

/** Hashes of files, in hex; the names are relative to {@link root}. */
export type Hashes = Readonly<Record<string, string>>;

/** `manifest.json` of a set. */
export interface Manifest {
  readonly format: typeof FORMAT;
  /** The bundler's packages: their `package.json` files. */
  readonly bundler: Hashes;
  /** For each bundled module, its name relative to {@link root}. */
  readonly bundles: Readonly<
    Record<string, { readonly file: string; readonly sha256: string }>
  >;
}

/** A file of a set. */
export interface KeptFile {
  /** The files that the bundler read. */
  readonly sources: Hashes;
  /** The files that the bundler looked for without finding them. */
  readonly absent: readonly string[];
  readonly bundle: Bundle;
}

/** Changes when the form of the files changes. */
export const FORMAT = 2;

export type Lookup =
  | { readonly kind: 'kept'; readonly bundle: Bundle }
  /** No set has this module, such as a user's own vat. */
  | { readonly kind: 'unknown' }
  /** A bundle cannot be used. */
  | { readonly kind: 'stale'; readonly why: string };

/**
 * Finds the kept bundle of a module. A bundle is used only if the installation
 * still has the bundler and every source that made it, byte for byte. The check
 * reads some 600 small files for the kernel's own bundle.
 *
 * @param file absolute path of the module
 * @param dir where the sets are
 * @param base the installation's directory, which names are relative to
 */
export function findKept(file: string, dir = keptDir, base = root): Lookup {
  const name = path.relative(base, file);
  try {
    const sets = setsOf(dir);
    if (sets.length === 0 && name.split(path.sep).includes('node_modules')) {
      return { kind: 'stale', why: `there are none in ${quoted(dir)}` };
    }
    for (const set of sets) {
      const manifest = read(path.join(set, 'manifest.json')) as Manifest;
      const entry = manifest.bundles[name];
      if (entry === undefined) continue;
      const stale = staleManifest(manifest, base);
      if (stale !== undefined) return { kind: 'stale', why: stale };
      return findIn(path.join(set, entry.file), entry.sha256, base);
    }
    return { kind: 'unknown' };
  } catch (error) {
    return { kind: 'stale', why: messageOf(error) };
  }
}

function setsOf(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => !name.startsWith('.')) // being made
    .map((name) => path.join(dir, name))
    .filter((set) => existsSync(path.join(set, 'manifest.json')));
}

function staleManifest(manifest: Manifest, base: string): string | undefined {
  if ((manifest.format as number) !== FORMAT) {
    return `another version of agvm made them`;
  }
  return changed(manifest.bundler, base);
}

function findIn(file: string, sha256: string, base: string): Lookup {
  const text = readFileSync(file);
  if (hashOf(text) !== sha256) {
    return { kind: 'stale', why: `${quoted(file)} has changed` };
  }
  const kept = JSON.parse(text.toString()) as KeptFile;
  const why =
    changed(needed(kept.sources, base), base) ?? appeared(kept.absent, base);
  return why === undefined
    ? { kind: 'kept', bundle: kept.bundle }
    : { kind: 'stale', why };
}

/**
 * The sources without the descriptions of packages that are not installed and
 * that the bundle has no module of. The bundler reads the description of every
 * dependency; an optional one may be absent, as in an installation without the
 * packages for development.
 */
function needed(sources: Hashes, base: string): Hashes {
  const names = Object.keys(sources);
  const unused = (name: string): boolean => {
    if (path.basename(name) !== 'package.json') return false;
    const dir = name.slice(0, -'package.json'.length);
    return (
      !names.some((other) => other !== name && other.startsWith(dir)) &&
      !existsSync(path.join(base, dir))
    );
  };
  return Object.fromEntries(
    Object.entries(sources).filter(([name]) => !unused(name)),
  );
}

function changed(hashes: Hashes, base: string): string | undefined {
  for (const [name, hash] of Object.entries(hashes)) {
    if (hashOf(readFileSync(path.join(base, name))) !== hash) {
      return `${quoted(name)} has changed`;
    }
  }
  return undefined;
}

function appeared(names: readonly string[], base: string): string | undefined {
  const name = names.find((absent) => existsSync(path.join(base, absent)));
  return name === undefined ? undefined : `${quoted(name)} is new`;
}

/** Hex SHA-256. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const quoted = (text: string): string => JSON.stringify(text);
