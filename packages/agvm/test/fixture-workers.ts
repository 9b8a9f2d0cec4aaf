/** Forks as the kernel does, after isolateWorkers; prints what the child says of itself. */
import process from 'node:process';
import { url } from 'node:inspector';

import { isolateWorkers } from '../src/workers.js';

if (process.send) {
  process.send([
    url() ?? 'no inspector',
    ...process.execArgv.filter((arg) => !arg.includes('tsx')),
    process.env['NODE_OPTIONS'],
  ]);
} else {
  isolateWorkers(process);
  const { fork } = await import('node:child_process');
  fork(import.meta.filename).on('message', (said) => {
    console.log(JSON.stringify(said));
  });
}
