import { readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { slots } from './atomics-shared.js';
import { answerHandshake } from './handshake.js';

/** The worker of the Atomics.wait candidate: it alone touches the pipes. */
const shared = workerData as SharedArrayBuffer;
const words = new Int32Array(shared, 0, slots.data / 4);
const bytes = Buffer.from(shared, slots.data);
const readFd = Number(process.env['BRIDGE_READ_FD']);
const writeFd = Number(process.env['BRIDGE_WRITE_FD']);
const NEWLINE = 0x0a;

/** Reads one frame into the shared bytes; returns its length. Go sends one at a time. */
function readFrame(): number {
  let length = 0;
  do {
    const more = readSync(readFd, bytes, length, bytes.length - length, null);
    if (more === 0) process.kill(process.pid); // the main thread may be waiting
    length += more;
  } while (bytes[length - 1] !== NEWLINE);
  return length;
}

function writeFrame(length: number): void {
  for (let done = 0; done < length;) {
    done += writeSync(writeFd, bytes, done, length - done);
  }
}

const hello = bytes.toString('utf8', 0, readFrame());
writeFrame(bytes.write(answerHandshake(hello)));
parentPort?.postMessage('ready');
for (let number = 0; ;) {
  // In a loop, because a late wake-up may belong to the previous request.
  while (Atomics.load(words, slots.request) === number) {
    Atomics.wait(words, slots.request, number);
  }
  number = Atomics.load(words, slots.request);
  writeFrame(Atomics.load(words, slots.length));
  Atomics.store(words, slots.length, readFrame());
  Atomics.store(words, slots.response, number);
  Atomics.notify(words, slots.response);
}
