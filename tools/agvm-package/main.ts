/**
 * Makes an npm package of agvm for upstream's agd: `make agvm-package`. The
 * tarball has everything: the VM, agd-vm-jail, all packages that they need, in
 * the versions of package-lock.json and compiled, and the kernel's bundles. So
 * its installation needs no registry, no compiler and no install script.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import process from 'node:process';

import { closureOf, manifestOf, type Installed } from '../install/closure.js';
import { isSuperfluous } from '../install/superfluous.js';
import { acceptChanged } from './bundles.js';

const root = join(import.meta.dirname, '..', '..');
const agvm = join(root, 'packages', 'agvm');
const stage = join(root, 'build', 'agvm-package');
const target = join(stage, 'package');

/** What a package of this checkout installs; others install all they have. */
const OWN_PARTS = [
  'package.json',
  'addon.cjs',
  'dist',
  'src',
  'bank-config.json',
  'core-config.json',
  'build/Release/agdbridge.node',
  'build/Release/agdsplit.node',
];

/** What npm runs for a package inside another. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** The texts of the package.json files that differ from those installed, by name. */
const changed = new Map<string, string>();

/** Copies a package, without the packages inside it, which follow. */
function copy({ dir, place, manifest }: Installed): void {
  const to = join(target, place);
  const isOwn = !dir.includes(`${sep}node_modules${sep}`);
  const parts = isOwn && manifest.name.startsWith('@agd-bridge/');
  for (const part of parts ? OWN_PARTS : ['.']) {
    const from = join(dir, part);
    if (!existsSync(from)) continue;
    cpSync(from, join(to, part), {
      recursive: true,
      dereference: true,
      filter: (source) => {
        const name = relative(dir, source);
        if (name === 'node_modules') return false;
        return !isSuperfluous(manifest.name, name, process);
      },
    });
  }
  withoutScripts(place);
}

/** npm would run these scripts. What they make is here already. */
function withoutScripts(place: string): void {
  const name = join(place, 'package.json');
  const file = join(target, name);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
    scripts?: Record<string, string>;
  };
  const { scripts = {} } = manifest;
  const some = INSTALL_SCRIPTS.filter((script) => script in scripts);
  if (some.length === 0) return;
  manifest.scripts = Object.fromEntries(
    Object.entries(scripts).filter(([script]) => !some.includes(script)),
  );
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  writeFileSync(file, text);
  changed.set(name, text);
}

/** The package.json of the tarball. */
function describe(closure: ReadonlyMap<string, Installed>): object {
  const { name, version, dependencies = {} } = manifestOf(agvm);
  const { engines } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as { engines: object };
  const exact = Object.keys(dependencies).map((dependency) => {
    const installed = closure.get(`node_modules/${dependency}`);
    return [dependency, installed?.manifest.version ?? ''];
  });
  return {
    name,
    version,
    description:
      "Agoric's SwingSet kernel as the VM of upstream's agd (--split-vm)",
    license: 'Apache-2.0',
    type: 'module',
    bin: { agvm: 'bin/agvm', 'agd-vm-jail': 'bin/agd-vm-jail' },
    engines,
    os: ['linux'],
    cpu: [process.arch],
    libc: ['glibc'],
    dependencies: Object.fromEntries(exact) as object,
    bundleDependencies: Object.keys(dependencies),
  };
}

/** Where the pages are that the README links to, relative to itself. */
const PAGES = 'https://github.com/agd-bridge/agd-bridge/blob/main/docs/';

/** docs/upstream.md, with links that are valid outside docs. */
function readme(): string {
  const page = readFileSync(join(root, 'docs', 'upstream.md'), 'utf8');
  return page.replaceAll(
    /\]\((?!#|https?:)([^)]+)\)/g,
    (_link, to: string) => `](${new URL(to, PAGES).href})`,
  );
}

function make(): string {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(join(target, 'bin'), { recursive: true });
  const closure = closureOf(root, agvm);
  for (const installed of closure.values()) copy(installed);
  for (const part of ['bin/agvm', 'bin/node-version.js', 'bundle']) {
    cpSync(join(agvm, part), join(target, part), {
      recursive: true,
      filter: (source) => !source.endsWith('.map'),
    });
  }
  const bundles = join(target, 'kernel-bundles', 'kernel');
  cpSync(join(agvm, 'kernel-bundles', 'kernel'), bundles, { recursive: true });
  acceptChanged(bundles, changed);
  cpSync(
    join(root, 'build', 'agd-vm-jail'),
    join(target, 'bin', 'agd-vm-jail'),
  );
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  writeFileSync(join(target, 'README.md'), readme());
  const described = describe(closure);
  writeFileSync(
    join(target, 'package.json'),
    `${JSON.stringify(described, null, 2)}\n`,
  );
  const { version } = manifestOf(agvm);
  const tarball = join(
    dirname(stage),
    `agvm-${version}-linux-${process.arch}.tgz`,
  );
  // The same bytes from the same files.
  execFileSync('tar', [
    ...['--create', '--file', tarball],
    ...['--use-compress-program', 'gzip --no-name'],
    ...['--sort', 'name', '--mtime', '@0', '--format', 'ustar'],
    ...['--owner', '0', '--group', '0', '--numeric-owner'],
    ...['--mode', 'u=rwX,go=rX'],
    ...['--directory', stage, 'package'],
  ]);
  rmSync(stage, { recursive: true });
  return tarball;
}

const tarball = make();
const { size } = statSync(tarball);
console.log(`${tarball}: ${(size / 1e6).toFixed(1)} MB`);
