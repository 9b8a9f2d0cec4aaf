import test from 'ava';

import { run } from './children.js';

/**
 * Signals 32 and 33 are reserved by the C library: no program can set them, so
 * they stay as inherited.
 */
const reserved = 0b11n << 31n;

test('exec keeps the process, its streams, and gives default signals', async (t) => {
  const { pid, stdout, code } = await run('exec');
  const [first, ...status] = stdout.trimEnd().split('\n');
  t.is(first, `${String(pid)} a  b`);
  const set = (name: string) => {
    const mask = status.find((line) => line.startsWith(name))?.split(/\s+/)[1];
    return BigInt(`0x${mask ?? ''}`) & ~reserved;
  };
  t.is(set('SigBlk'), 0n);
  t.is(set('SigIgn'), 0n, 'Node ignores SIGPIPE');
  t.is(code, 0);
});

test('a failed exec throws the reason, and the process continues', async (t) => {
  const { stdout, stderr, code } = await run('failed exec');
  t.is(stdout, 'cannot execute /no/such/program: No such file or directory\n');
  t.regex(stderr, /an argument must not contain NUL/);
  t.is(code, 1);
});
