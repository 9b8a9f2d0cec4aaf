import childProcess, { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { variables } from '../src/contract.js';
import { isolateWorkers } from '../src/workers.js';

const run = promisify(execFile);
const fixture = join(import.meta.dirname, 'fixture-workers.ts');

test("processes that the kernel forks inherit Node's options, but no inspector", async (t) => {
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

test('a worker continues after the reader of its output has gone, and agvm drops the output', async (t) => {
  const vm = spawn(process.execPath, ['--import=tsx', fixture, 'worker'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { stdout } = vm;
  if (!stdout) throw new Error('no standard output');
  const [printed] = (await once(stdout, 'data')) as [Buffer];
  t.is(String(printed), 'printed\n');
  const ended = once(vm, 'message');
  stdout.destroy();
  vm.send('go on');
  t.deepEqual(await ended, [{ code: 0, signal: null }, undefined]);
});

test('a worker whose helper has disappeared names the likely cause', async (t) => {
  const { platform, execPath, execArgv } = process;
  const gone = join(import.meta.dirname, 'gone', 'agd-vm-jail');
  const replaced = { ...childProcess };
  isolateWorkers(
    { platform, execPath, execArgv, env: { [variables.jail]: gone } },
    replaced,
  );
  const worker = replaced.spawn('xsnap-worker', [], { stdio: 'ignore' });
  const [error] = (await once(worker, 'error')) as [Error];
  t.is(
    error.message,
    `spawn ${gone} ENOENT: was the installation replaced while the node ran? Start agd again`,
  );
});
