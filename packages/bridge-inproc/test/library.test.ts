// Which files the addon accepts as a library. Each runs in a process of its
// own, because a loaded library stays loaded.
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { run } from './children.js';
import { compileLibrary, goLibrary } from './libraries.js';

/** The output of a process that opens these libraries, one after the other. */
async function open(...paths: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await run('open', ...paths);
  if (code !== 0) throw new Error(stderr);
  return stdout.trimEnd().split('\n');
}

test('a library that is not there is named, with what to do', async (t) => {
  t.deepEqual(await open('/no/such.so'), [
    'cannot load the Go library /no/such.so: No such file or directory; build it (make build) or correct the path',
  ]);
});

test('a file that is not a library is named, and does no harm', async (t) => {
  const file = fileURLToPath(import.meta.url);
  const library = compileLibrary('good');
  t.teardown(library.remove);
  t.deepEqual(await open(file, library.path), [
    `cannot load the Go library ${file}: ${file}: invalid ELF header; build it for this machine (make build)`,
    'opened',
  ]);
});

test('a library that lacks one of the functions is named', async (t) => {
  const library = compileLibrary('without-free', '-DWITHOUT_FREE');
  t.teardown(library.remove);
  t.deepEqual(await open(library.path), [
    `${library.path} is not a library for this addon: it does not export agdbridge_free; build it with -buildmode=c-shared from a main package that imports go/bridge/inproc`,
  ]);
});

test('a library of another version of the C interface is refused', async (t) => {
  const library = compileLibrary('version', '-DABI_VERSION=999');
  t.teardown(library.remove);
  const [message] = await open(library.path);
  t.regex(
    message ?? '',
    /\/version\.so has version 999 of the C interface, this addon has version \d+; install both from the same release$/,
  );
});

test('a second library is refused, in any thread', async (t) => {
  const library = compileLibrary('good');
  t.teardown(library.remove);
  const both = `cannot load the Go library ${goLibrary}: this process has loaded ${library.path}, and cannot hold two; use another process`;
  t.deepEqual(
    await open(library.path, goLibrary, library.path, `worker:${goLibrary}`),
    ['opened', both, 'opened', both],
  );
});
