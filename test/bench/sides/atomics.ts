import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { expectEcho, type Side } from '../side.js';
import { SHARED_BYTES, slots } from './atomics-shared.js';

interface Response {
  readonly id: number;
  readonly result: unknown;
  readonly error: string | null;
}

/**
 * A worker thread has the pipes; the main thread hands it a frame in shared
 * memory and sleeps in Atomics.wait until the answer is there.
 */
export async function openAtomics(): Promise<Side> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const words = new Int32Array(shared, 0, slots.data / 4);
  const bytes = Buffer.from(shared, slots.data);
  const worker = new Worker(typescript('atomics-worker.ts'), {
    eval: true,
    workerData: shared,
  });
  await once(worker, 'message');
  let id = 0;
  return {
    downcall: (payload) => ({
      call: () => {
        id += 1;
        const frame = `{"id":${String(id)},"method":"test.Echo","params":[${payload}]}\n`;
        Atomics.store(words, slots.length, bytes.write(frame));
        Atomics.store(words, slots.request, id);
        Atomics.notify(words, slots.request);
        // In a loop: a late wake-up is of the call before.
        for (
          let seen = Atomics.load(words, slots.response);
          seen !== id;
          seen = Atomics.load(words, slots.response)
        ) {
          Atomics.wait(words, slots.response, seen);
        }
        const answer = JSON.parse(
          bytes.toString('utf8', 0, Atomics.load(words, slots.length)),
        ) as Response;
        if (answer.id !== id) throw new Error('the answer of another call');
        expectEcho(JSON.stringify(answer.result), payload);
      },
    }),
    close: () => {
      void worker.terminate();
    },
  };
}

/** A worker's program that runs a file of TypeScript: `--import=tsx` does not reach workers. */
function typescript(file: string): string {
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const url = JSON.stringify(new URL(file, import.meta.url).href);
  return `import(${tsx}).then(({ register }) => { register(); return import(${url}); });`;
}
