import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The parts of a package.json that matter here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** An installed package that another one needs. */
export interface Installed {
  /** Where it is, without links. */
  readonly dir: string;
  /** Where Node.js finds it, relative to the checkout: `node_modules/…`, or below that of another package. */
  readonly place: string;
  readonly manifest: Manifest;
}

export function manifestOf(dir: string): Manifest {
  return JSON.parse(
    readFileSync(join(dir, 'package.json'), 'utf8'),
  ) as Manifest;
}

/**
 * All packages that a package of a checkout needs to run, as they are installed
 * there, by place.
 *
 * @param root the checkout
 * @param start directory of the package
 * @throws {Error} one is not installed
 */
export function closureOf(root: string, start: string): Map<string, Installed> {
  const found = new Map<string, Installed>();
  const visit = (dir: string): void => {
    const manifest = manifestOf(dir);
    const optional = {
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    };
    for (const name of Object.keys({ ...manifest.dependencies, ...optional })) {
      const link = lookUp(root, dir, name);
      if (link === undefined) {
        if (name in optional) continue;
        throw new Error(
          `${manifest.name} needs ${name}, which is not installed: run "npm install"`,
        );
      }
      const place = relative(root, link);
      if (found.has(place)) continue;
      const real = realpathSync(link);
      found.set(place, { dir: real, place, manifest: manifestOf(real) });
      visit(real);
    }
  };
  visit(start);
  return found;
}

/** The directory of a package as Node.js resolves it from another. */
function lookUp(root: string, from: string, name: string): string | undefined {
  for (let dir = from; ; dir = dirname(dir)) {
    const link = join(dir, 'node_modules', name);
    if (existsSync(join(link, 'package.json'))) return link;
    if (dir === root || dir === dirname(dir)) return undefined;
  }
}
