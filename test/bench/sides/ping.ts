import type { Side } from '../side.js';
import { SHARED_BYTES, slots } from './ping-shared.js';
import { startWorker } from './worker.js';

/** Rounds per batch: one round is shorter than the clock's resolution. */
const TOGETHER = 100;

/**
 * Two threads, one of them this one, poll shared memory and pass a number back
 * and forth.
 */
export async function openPing(): Promise<Side> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const words = new Int32Array(shared);
  const worker = await startWorker('ping-worker.ts', shared);
  let number = 0;
  return {
    downcall: () => ({
      call: () => {
        number = (number + 1) | 0;
        Atomics.store(words, slots.there, number);
        if (Atomics.load(words, slots.asleep) === 1) {
          Atomics.notify(words, slots.there);
        }
        while (Atomics.load(words, slots.back) !== number);
      },
      together: TOGETHER,
    }),
    close: () => {
      void worker.terminate();
    },
  };
}
