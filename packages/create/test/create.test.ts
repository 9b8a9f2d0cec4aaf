import { execFile } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { createProgram } from '../src/index.js';

const run = promisify(execFile);
const own = join(import.meta.dirname, '..');
const template = join(own, '../../examples/hello');

let parent: string;

test.before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'agd-create-'));
});

test.after.always(() => rm(parent, { recursive: true, force: true }));

test('a new program has the name of its directory and the given version of the bridge', async (t) => {
  const directory = join(parent, 'deep', 'my-program.1');
  t.is(createProgram(directory, template, '1.2.3'), 'my-program.1');
  const text = (file: string): Promise<string> =>
    readFile(join(directory, file), 'utf8');
  t.deepEqual((await readdir(directory)).sort(), [
    ...['.gitignore', 'go.mod', 'go.sum', 'main.go', 'main.mjs'],
    'package.json',
  ]);
  const module = await text('go.mod');
  t.regex(module, /^module my-program\.1$/m);
  t.regex(module, /agd-bridge\/go\/bridge v1\.2\.3$/m);
  t.notRegex(module, /^replace/m);
  const manifest = JSON.parse(await text('package.json')) as {
    name: string;
    scripts: object;
    dependencies: object;
  };
  t.is(manifest.name, 'my-program.1');
  t.deepEqual(Object.keys(manifest.dependencies), ['@agd-bridge/bridge-open']);
  t.true('build' in manifest.scripts);
});

test('a directory with files is refused, and keeps them', async (t) => {
  const directory = join(parent, 'full');
  await mkdir(directory);
  await writeFile(join(directory, 'mine'), '');
  t.throws(() => createProgram(directory, template, '1.2.3'), {
    message: /: the directory is not empty: choose another one$/,
  });
  t.deepEqual(await readdir(directory), ['mine']);
});

for (const name of ['My Program', '-x', '.hidden']) {
  test(`the name "${name}" is refused, and nothing is made`, async (t) => {
    const directory = join(parent, 'names', name);
    t.throws(() => createProgram(directory, template, '1.2.3'), {
      message: /cannot name a package: use lower-case letters/,
    });
    await t.throwsAsync(readdir(directory), { code: 'ENOENT' });
  });
}

for (const args of [[], ['--help'], ['a', 'b']]) {
  test(`usage, of the arguments "${args.join(' ')}"`, async (t) => {
    const failed = await t.throwsAsync<
      Error & { code: number; stderr: string }
    >(run(process.execPath, [join(own, 'bin/create.js'), ...args]));
    t.is(failed.code, 64);
    t.is(failed.stderr, 'usage: npm create @agd-bridge DIRECTORY\n');
  });
}
