// A process that ends with its parent, without a turn of its event loop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import test from 'ava';

import { fixture, run } from './children.js';

test('a busy process ends with its parent, a wrapper that is killed', async (t) => {
  const wrapper = spawn(
    '/bin/sh',
    [
      '-c',
      '"$0" --import=tsx "$1" "busy child" $$; :',
      process.execPath,
      fixture,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: wrapper.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const [pid, there] = line.split(' ');
  t.is(there, 'true');
  t.not(Number(pid), wrapper.pid);
  wrapper.kill('SIGKILL');
  const late = setTimeout(() => {
    t.fail('still there after 5 s');
    process.kill(Number(pid), 'SIGKILL');
  }, 5000);
  await once(lines, 'close'); // the child held the pipe too
  clearTimeout(late);
});

test('a process whose parent has already exited detects this', async (t) => {
  const { stdout } = await run('busy child', '1');
  t.regex(stdout, /^\d+ false\n$/);
});
