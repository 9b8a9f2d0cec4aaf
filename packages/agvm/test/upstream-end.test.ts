import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';

import test from 'ava';

import { keeper, leaveUpstream, type Leaving } from '../src/upstream-end.js';

/** An end whose agd lives for some time, in ms. */
function leave(lives: number, given: Partial<Leaving> = {}) {
  let time = 0;
  const handedOver: number[] = [];
  leaveUpstream({
    agdLives: () => time < lives,
    handOver: () => handedOver.push(time),
    agdEnds: () => true,
    now: () => time,
    sleep: (ms) => (time += ms),
    ...given,
  });
  return { time, handedOver };
}

test('without a running call the VM waits for the end of agd', (t) => {
  t.deepEqual(leave(400), { time: 400, handedOver: [] });
});

test('the wait has an end, and the pipe outlives it', (t) => {
  const { time, handedOver } = leave(Infinity);
  t.true(time > 1000 && time < 3000, String(time));
  t.deepEqual(handedOver, [time]);
});

test('with a running call, or unasked, the pipe outlives the VM, which does not wait', (t) => {
  const now = { time: 0, handedOver: [0] };
  t.deepEqual(leave(Infinity, { agdEnds: () => false }), now);
});

test('if agd is gone the VM leaves nothing behind', (t) => {
  t.deepEqual(leave(0), { time: 0, handedOver: [] });
});

test('the process that keeps the pipe writes white space, and ends with its reader', async (t) => {
  const kept = spawn(process.execPath, ['--eval', keeper], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: {},
  });
  const exited = once(kept, 'exit');
  const pipe = kept.stdio[3] as import('node:net').Socket;
  const [chunk] = (await once(pipe, 'data')) as [Buffer];
  t.regex(chunk.toString(), /^\n+$/);
  pipe.destroy();
  t.deepEqual(await exited, [0, null]);
});
