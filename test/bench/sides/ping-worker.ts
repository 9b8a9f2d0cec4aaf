import { parentPort, workerData } from 'node:worker_threads';

import { slots } from './ping-shared.js';

/** The second thread of the shared-memory ping: echoes each number. */
const words = new Int32Array(workerData as SharedArrayBuffer);
/**
 * Number of polls without a new number before the worker sleeps, which happens
 * between two slices.
 */
const PATIENCE = 1_000_000;

parentPort?.postMessage('ready');
let [last, looks] = [0, 0];
for (;;) {
  const number = Atomics.load(words, slots.there);
  if (number !== last) {
    Atomics.store(words, slots.back, number);
    [last, looks] = [number, 0];
  } else if ((looks += 1) === PATIENCE) {
    Atomics.store(words, slots.asleep, 1);
    Atomics.wait(words, slots.there, last);
    Atomics.store(words, slots.asleep, 0);
    looks = 0;
  }
}
