import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { root } from '../install/stage.js';
import {
  debianArch,
  emptyDirectory,
  environment,
  epoch,
  output,
  run,
  version,
} from './context.js';

/** Names of the package's own files, by place. */
const FILES: Readonly<Record<string, string>> = {
  'contrib/debian/agd.default': 'etc/default/agd',
  LICENSE: 'usr/share/doc/agd-bridge/LICENSE',
  'README.md': 'usr/share/doc/agd-bridge/README.md',
  'contrib/debian/copyright': 'usr/share/doc/agd-bridge/copyright',
};

/** What runs when the package is installed and removed. */
const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** Files that dpkg leaves as an operator has changed them. */
const CONFFILES = ['/etc/default/agd'];

/** In one thread: with several, the bytes may depend on their number. */
const COMPRESSION = ['-Zzstd', '-z12', '--threads-max=1'];

/**
 * Makes the Debian package.
 *
 * @param prefix a release, from `fillPrefix`
 * @returns the package's file
 */
export function makeDeb(prefix: string): string {
  const tree = emptyDirectory('deb');
  // Hard links: the package has the same files in other places.
  for (const name of ['usr', 'DEBIAN']) mkdirSync(join(tree, name));
  run('cp', [
    '-al',
    join(prefix, 'bin'),
    join(prefix, 'lib'),
    join(tree, 'usr'),
  ]);
  for (const [from, to] of Object.entries(FILES)) install(tree, from, to);
  writeGzipped(
    tree,
    'usr/share/doc/agd-bridge/changelog.gz',
    readFileSync(join(root, 'CHANGELOG.md')),
  );
  symlinkSync(
    '../../../lib/agd-bridge/THIRD-PARTY-NOTICES.txt',
    join(tree, 'usr/share/doc/agd-bridge/THIRD-PARTY-NOTICES.txt'),
  );
  writeUnit(tree);
  writeHelp(tree);
  const sizes = sizesOf(tree);
  writeControl(tree, sizes);
  run('find', [tree, '-exec', 'touch', '-h', '-d', `@${epoch}`, '{}', '+']);
  const file = join(output, `agd-bridge_${version}_${debianArch}.deb`);
  run(
    'dpkg-deb',
    ['--root-owner-group', ...COMPRESSION, '--build', tree, file],
    {
      env: environment,
    },
  );
  return file;
}

function install(tree: string, from: string, to: string, mode = 0o644): void {
  const target = join(tree, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(root, from), target);
  chmodSync(target, mode);
}

function write(tree: string, to: string, text: string | Uint8Array): void {
  const target = join(tree, to);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text, { mode: 0o644 });
}

/** As `gzip -9n`. */
function writeGzipped(tree: string, to: string, text: Uint8Array): void {
  write(tree, to, gzipSync(text, { level: 9 }));
}

/** The unit of this repository is for /usr/local. */
function writeUnit(tree: string): void {
  const unit = readFileSync(join(root, 'contrib/systemd/agd.service'), 'utf8');
  const [here] = unit.split('[Unit]', 1);
  const packaged = unit
    .slice(here?.length)
    .replace('/usr/local/bin/agd', '/usr/bin/agd');
  write(
    tree,
    'usr/lib/systemd/system/agd.service',
    `# Change paths and options in a drop-in (systemctl edit agd), or in\n# /etc/default/agd.\n\n${packaged}`,
  );
}

/** Manual pages and completion, as agd itself writes them. */
function writeHelp(tree: string): void {
  const pages = emptyDirectory('man');
  const agd = join(tree, 'usr', 'lib', 'agd-bridge', 'agd');
  // Help texts name the home directory.
  const env = { ...environment, HOME: '~' };
  run(agd, ['man', pages], { env });
  for (const name of readdirSync(pages)) {
    const page = readFileSync(join(pages, name));
    writeGzipped(tree, join('usr/share/man/man1', `${name}.gz`), page);
  }
  write(
    tree,
    'usr/share/bash-completion/completions/agd',
    run(agd, ['completion', 'bash'], { env }),
  );
}

function writeControl(
  tree: string,
  { kilobytes, sums }: { kilobytes: number; sums: string },
): void {
  const control = `Package: agd-bridge
Version: ${version}
Architecture: ${debianArch}
Maintainer: agd-bridge maintainers <maintainers@agd-bridge.invalid>
Section: net
Priority: optional
Installed-Size: ${String(kilobytes)}
Depends: ${libraries(tree)}, adduser
Recommends: ca-certificates
Description: Agoric's chain node, in one process or in two
 agd is a Cosmos chain node in Go with Agoric's SwingSet kernel in Node.js. It
 runs them in one process or in two, by a flag.
 .
 The package contains the Node.js that runs the kernel. It creates the system
 user agd and the unit agd.service, which is neither enabled nor started.
`;
  write(tree, 'DEBIAN/control', control);
  write(tree, 'DEBIAN/conffiles', CONFFILES.join('\n') + '\n');
  write(tree, 'DEBIAN/md5sums', sums);
  for (const script of SCRIPTS) {
    install(tree, `contrib/debian/${script}`, `DEBIAN/${script}`, 0o755);
  }
}

/** The system's libraries that the programs need, by Debian's own tool. */
function libraries(tree: string): string {
  const lib = join(tree, 'usr', 'lib', 'agd-bridge');
  const source = emptyDirectory('shlibdeps');
  mkdirSync(join(source, 'debian'));
  writeFileSync(
    join(source, 'debian', 'control'),
    `Source: agd-bridge\n\nPackage: agd-bridge\nArchitecture: any\n`,
  );
  const programs = run('find', [lib, '-type', 'f', '-name', 'xsnap-worker'])
    .trim()
    .split('\n');
  const files = ['agd', 'libagd.so', 'libagd-signals.so', 'node/bin/node'];
  const stdout = run(
    'dpkg-shlibdeps',
    [
      ...['-O', '--ignore-missing-info', '--warnings=0'],
      ...[...files.map((file) => join(lib, file)), ...programs].map(
        (file) => `-e${file}`,
      ),
    ],
    { cwd: source, env: environment },
  );
  const [, found] = /^shlibs:Depends=(.+)$/m.exec(stdout) ?? [];
  if (found === undefined) {
    throw new Error(`dpkg-shlibdeps found no libraries: ${stdout}`);
  }
  return found;
}

/** The sum of all files, and the md5sums that dpkg verifies. */
function sizesOf(tree: string): { kilobytes: number; sums: string } {
  let kilobytes = 0;
  const sums: string[] = [];
  const names = readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of names) {
    const info = lstatSync(join(tree, name));
    // As dpkg-gencontrol: files by size, everything else 1 KiB.
    kilobytes += info.isFile() ? Math.ceil(info.size / 1024) : 1;
    if (!info.isFile()) continue;
    const hash = createHash('md5').update(readFileSync(join(tree, name)));
    sums.push(`${hash.digest('hex')}  ${name}\n`);
  }
  return { kilobytes, sums: sums.join('') };
}
