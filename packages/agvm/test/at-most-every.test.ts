import test from 'ava';

import { atMostEvery } from '../src/at-most-every.js';

test('a call less than the interval after the end of the last one does nothing', (t) => {
  let time = 1000;
  const calls: number[] = [];
  const limited = atMostEvery(
    50,
    () => {
      time += 10; // its own duration
      calls.push(time);
    },
    () => time,
  );
  limited();
  t.deepEqual(calls, [1010]);
  time = 1059;
  limited();
  t.deepEqual(calls, [1010]);
  time = 1060;
  limited();
  t.deepEqual(calls, [1010, 1070]);
});
