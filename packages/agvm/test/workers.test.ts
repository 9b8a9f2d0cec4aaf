import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

const run = promisify(execFile);
const fixture = join(import.meta.dirname, 'fixture-workers.ts');

test('what the kernel forks has our options of node, but no inspector', async (t) => {
  const { stdout, stderr } = await run(
    process.execPath,
    ['--inspect=127.0.0.1:0', '--import=tsx', '--title=vm', fixture],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: `--trace-uncaught --inspect=127.0.0.1:0 --title="a b"`,
      },
    },
  );
  t.is(stderr.match(/Debugger listening/g)?.length, 1);
  t.deepEqual(JSON.parse(stdout), [
    'no inspector',
    '--title=vm',
    '--trace-uncaught --title="a b"',
  ]);
});
