/**
 * `@endo/bundle-source` that keeps its bundles: those of installed packages,
 * which change with the installation alone. All others are made each time.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const { default: bundleSource } = await import(
  new URL(import.meta.url).searchParams.get('real')
);

const root = fileURLToPath(new URL('../../..', import.meta.url));
const installed = join(root, 'node_modules');
const kept = join(root, 'build', 'test', 'bundles');

export default async function keptBundle(file, ...options) {
  const name = relative(installed, file);
  if (name.startsWith('..')) return bundleSource(file, ...options);
  const key = createHash('sha256')
    .update(JSON.stringify([name, options, process.version]))
    .update(readFileSync(join(installed, '.package-lock.json')))
    .digest('hex');
  const place = join(kept, `${key.slice(0, 16)}.json`);
  try {
    return JSON.parse(readFileSync(place, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const bundle = await bundleSource(file, ...options);
  mkdirSync(kept, { recursive: true });
  writeFileSync(`${place}.${process.pid}`, JSON.stringify(bundle));
  renameSync(`${place}.${process.pid}`, place);
  return bundle;
}
