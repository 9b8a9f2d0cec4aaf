import { expectEcho, type Side } from '../side.js';
import { SHARED_BYTES, slots } from './atomics-shared.js';
import { startWorker } from './worker.js';

interface Response {
  readonly id: number;
  readonly result: unknown;
  readonly error: string | null;
}

/**
 * A worker thread owns the pipes. The main thread passes it a frame in shared
 * memory and sleeps in Atomics.wait until the response arrives.
 */
export async function openAtomics(): Promise<Side> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const words = new Int32Array(shared, 0, slots.data / 4);
  const bytes = Buffer.from(shared, slots.data);
  const worker = await startWorker('atomics-worker.ts', shared);
  let id = 0;
  return {
    downcall: (payload) => ({
      call: () => {
        id += 1;
        const frame = `{"id":${String(id)},"method":"test.Echo","params":[${payload}]}\n`;
        Atomics.store(words, slots.length, bytes.write(frame));
        Atomics.store(words, slots.request, id);
        Atomics.notify(words, slots.request);
        // In a loop, because a late wake-up may belong to the previous call.
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
