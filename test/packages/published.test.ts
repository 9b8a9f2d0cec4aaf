// The tarballs of `make packages`, with the addons for every machine: installed
// without scripts, so that nothing is compiled.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import ava from 'ava';

import { addons, published } from '../../tools/packages/pack.js';
import { root } from '../support/paths.js';
import { makeProject, type Project } from './project.js';

const run = promisify(execFile);

const tarballs = process.env['AGD_TEST_TARBALLS'];
const test = tarballs === undefined ? ava.serial.skip : ava.serial;

/** ELF's numbers of the machines. */
const machines = { x64: 62, arm64: 183 };

/** The oldest glibc that the addons may need: that of tools/packages/prebuilds.ts. */
const glibc = 28;

let project: Project | undefined;

function installed(name: string, ...parts: string[]): string {
  const { directory } = project!;
  return join(directory, 'node_modules', '@agd-bridge', name, ...parts);
}

ava.before(async (t) => {
  if (tarballs === undefined) return;
  t.timeout(10 * 60_000);
  const directory = join(root, tarballs);
  const files = (await readdir(directory)).filter((file) =>
    file.endsWith('.tgz'),
  );
  project = await makeProject({
    tarballs: files.map((file) => join(directory, file)),
    install: ['--ignore-scripts'],
    dependencies: {},
  });
  await project.copy('go/bridge', 'go-bridge');
});

ava.after.always(() => project?.remove());

test('every package is among the tarballs', (t) => {
  for (const name of published) t.true(existsSync(installed(name)), name);
});

test('each addon is there for four machines, in less than 1 MB', async (t) => {
  for (const name of Object.keys(addons)) {
    for (const arch of ['x64', 'arm64'] as const) {
      for (const libc of ['glibc', 'musl']) {
        const file = `prebuilds/linux-${arch}/${name}.${libc}.node`;
        const bytes = await readFile(installed(name, file));
        t.true(bytes.length < 1e6, `${file}: ${String(bytes.length)}`);
        t.is(bytes.readUInt16LE(18), machines[arch], file);
        const needs = bytes.toString('latin1').matchAll(/GLIBC_2\.(\d+)/g);
        const versions = [...needs].map(([, minor]) => Number(minor));
        t.is(versions.length > 0, libc === 'glibc', file);
        t.true(Math.max(0, ...versions) <= glibc, file);
      }
    }
  }
});

test('what an addon lacks, Node.js or the oldest glibc has', async (t) => {
  for (const [name] of Object.entries(addons)) {
    for (const arch of ['x64', 'arm64']) {
      const file = installed(
        name,
        `prebuilds/linux-${arch}/${name}.glibc.node`,
      );
      const { stdout } = await run('nm', ['-D', '--undefined-only', file]);
      // A declaration of a newer glibc leaves a symbol without a version.
      const strange = stdout
        .trim()
        .split('\n')
        .filter(
          (line) => !/\b(w .*|U (napi_\w+|\w+@GLIBC_2\.[\d.]+))$/.test(line),
        );
      t.deepEqual(strange, [], file);
    }
  }
});

test('hello runs in both modes, by the prebuilds', async (t) => {
  t.timeout(5 * 60_000);
  for (const name of Object.keys(addons)) {
    t.false(existsSync(installed(name, 'build')), 'nothing was compiled');
  }
  await project!.run('npx', '--no', 'create-agd-bridge', 'hello');
  const directory = join(project!.directory, 'hello');
  const go = (...args: string[]): Promise<string> =>
    project!.run('go', '-C', directory, ...args);
  const goModule = 'github.com/agd-bridge/agd-bridge/go/bridge';
  await go('mod', 'edit', '-replace', `${goModule}=../go-bridge`);
  await go('build', '-o', 'build/', '.');
  await go('build', '-buildmode=c-shared', '-o', 'build/lib.so', '.');
  for (const args of [[], ['build/lib.so']]) {
    const hello = join(directory, 'build', 'hello');
    const { stdout, stderr } = await run(hello, args, { cwd: directory });
    t.is(stdout, '"Hello, Gopher!"\n');
    // Without shared memory there would be a warning.
    t.is(stderr, '');
  }
});
