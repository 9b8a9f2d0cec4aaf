// Lifetime of a process with open bridges.
import test from 'ava';

import { run } from './children.js';

test('an open bridge keeps the process alive until the program has exited', async (t) => {
  const { stdout, code } = await run('kept alive');
  t.is(stdout, 'ended 98\n');
  t.is(code, 0);
});

test('a closed bridge lets the process end, once the program has exited', async (t) => {
  const { stderr, code } = await run('closed');
  t.is(stderr, 'bye from Go\n');
  t.is(code, 0);
});

test('process.exit with an open, busy bridge ends the process at once, with its code', async (t) => {
  for (let i = 0; i < 5; i += 1) {
    const { stderr, code, signal } = await run('exit while open');
    t.deepEqual(
      { stderr, code, signal },
      { stderr: '', code: 0, signal: null },
    );
  }
});

test('worker threads that end with busy bridges end their programs, and leave the rest alone', async (t) => {
  const { stdout, stderr, code, signal } = await run('workers');
  t.is(
    stdout,
    'terminate 1\nexit 3\nterminate 1\nexit 3\ncode in place: true\ntheir programs have ended\n',
    stderr,
  );
  t.deepEqual({ code, signal }, { code: 0, signal: null });
});
