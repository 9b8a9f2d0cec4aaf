// Many bridges over one library, in one thread and in several.
import test from 'ava';

import { run } from './children.js';

interface Found {
  readonly goroutines: number;
  readonly running: number;
  readonly files: number;
  readonly threads: number;
  readonly resident: number;
}

test('a thousand bridges, one after the other, leave nothing behind', async (t) => {
  const { stdout, stderr, code } = await run('one after the other', '1000');
  t.is(code, 0, stderr);
  const [early, late] = JSON.parse(stdout) as [Found, Found];
  t.is(late.running, 1, stdout);
  t.is(late.files, early.files);
  t.true(late.goroutines <= early.goroutines + 3, stdout);
  t.true(late.threads <= early.threads + 3, stdout);
  t.true(late.resident - early.resident < 40 * 2 ** 20, stdout);
});

test('twenty bridges at once do not mix', async (t) => {
  const { stdout, stderr, code } = await run('at once', '20');
  t.is(code, 0, stderr);
  t.is(stdout, '[]\n');
});

test('a worker thread that is ended inside a synchronous call does no harm', async (t) => {
  const { stdout, stderr, code } = await run('terminate in callSync');
  t.is(stdout, 'exit code 1\nits program has ended\n', stderr);
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('process.exit ends worker threads in the middle of their calls', async (t) => {
  for (let i = 0; i < 2; i += 1) {
    const { stderr, code, signal } = await run('exit with workers');
    t.deepEqual(
      { stderr, code, signal },
      { stderr: '', code: 5, signal: null },
    );
  }
});
