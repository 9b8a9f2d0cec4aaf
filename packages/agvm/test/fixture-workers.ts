/**
 * Forks as the kernel does, after isolateWorkers; prints what the child
 * reports. With the argument `worker`: starts a child that prints, and prints
 * again on request; sends its exit status.
 */
import childProcess from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { url } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { isolateWorkers } from '../src/workers.js';

if (process.argv.includes('worker')) {
  await startWorker();
} else if (process.send) {
  process.send([
    url() ?? 'no inspector',
    ...process.execArgv.filter((arg) => !arg.includes('tsx')),
    process.env['NODE_OPTIONS'],
  ]);
} else {
  isolateWorkers(process, childProcess);
  const { fork } = await import('node:child_process');
  fork(import.meta.filename).on('message', (said) => {
    console.log(JSON.stringify(said));
  });
}

async function startWorker(): Promise<void> {
  process.stdout.on('error', () => undefined);
  isolateWorkers(process, childProcess, process);
  const { spawn } = await import('node:child_process');
  const dir = await mkdtemp(join(tmpdir(), 'agvm-worker-'));
  const file = join(dir, 'xsnap-worker');
  // If it inherits our output, SIGPIPE ends it at the third line at the latest.
  const script =
    'echo printed; read line; for i in 1 2 3; do echo again; done; exit 0';
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  const worker = spawn(file, [], { stdio: ['pipe', 'inherit', 'inherit'] });
  process.once('message', () => worker.stdin.end('\n'));
  const [code, signal] = (await once(worker, 'exit')) as unknown[];
  await rm(dir, { recursive: true });
  process.send?.({ code, signal });
  process.disconnect();
}
