import {
  chmod,
  mkdir,
  mkdtemp,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import { callable, hints, quoted, startAgain } from '../src/hints.js';

const record = {
  version: 1,
  chainId: 'agd-localnet',
  bootstrapVatConfig: null,
  nodes: [{ name: 'node1', id: 'a', rpc: 1, p2p: 2, grpc: 3 }],
} as const;

test('commands are quoted where a shell needs it', (t) => {
  t.is(quoted('/home/me/net-1'), '/home/me/net-1');
  t.is(quoted('/my net'), "'/my net'");
  t.is(quoted("a'b"), `'a'\\''b'`);
  t.is(
    startAgain(
      { command: 'build/agd', dir: '/my net' },
      { name: 'node1', mode: 'split' },
    ),
    "build/agd start --home '/my net/node1' --split",
  );
});

test('the hints name the first home, and the process of the last node', (t) => {
  const lines = hints({ command: 'agd', dir: '/net', record }, [
    { name: 'node1', mode: 'split', pid: 12 },
  ]);
  t.true(
    lines.includes(
      '  agd tx bank send alice bob 1000uist --yes --wait --home /net/node1',
    ),
  );
  t.true(lines.includes('  kill 12  # stops node1 alone'));
  const other = { ...record, bootstrapVatConfig: '/config.json' };
  const core = hints({ command: 'agd', dir: '/net', record: other }, []);
  t.false(core.some((line) => line.includes('published.bank')));
});

test('agd is called by its name only if the search path leads to the same program', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'agd-test-'));
  try {
    const agd = join(dir, 'build', 'agd');
    await mkdir(join(dir, 'build'));
    await mkdir(join(dir, 'bin'));
    await writeFile(agd, '');
    await chmod(agd, 0o755);
    t.is(callable(agd, '/nowhere'), agd);
    t.is(callable(agd, undefined), agd);
    await symlink(agd, join(dir, 'bin', 'agd'));
    t.is(callable(agd, `/nowhere:${join(dir, 'bin')}`), 'agd');
    t.is(callable('/bin/sh', join(dir, 'bin')), '/bin/sh');
  } finally {
    await rm(dir, { recursive: true });
  }
});
