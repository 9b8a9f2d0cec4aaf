import test from 'ava';

import { run } from './children.js';

test('exec keeps the process, its streams, and gives default signals', async (t) => {
  const { pid, stdout, code } = await run('exec');
  const [first, ...status] = stdout.trimEnd().split('\n');
  t.is(first, `${String(pid)} a  b`);
  const set = (name: string) =>
    status.find((line) => line.startsWith(name))?.split(/\s+/)[1];
  t.is(set('SigBlk'), '0000000000000000');
  t.is(set('SigIgn'), '0000000000000000', 'Node ignores SIGPIPE');
  t.is(code, 0);
});

test('a failed exec throws the reason, and the process goes on', async (t) => {
  const { stdout, stderr, code } = await run('failed exec');
  t.is(stdout, 'cannot execute /no/such/program: No such file or directory\n');
  t.regex(stderr, /an argument must not contain NUL/);
  t.is(code, 1);
});
