import { randomFrom } from '@agd-bridge/measure';
import test from 'ava';

import { growthOf } from './soak.js';

test('growth compares the last tenth of the blocks with the first', (t) => {
  const steady = Array<number>(1000).fill(30);
  const same = growthOf({ intervals: steady }, randomFrom(1));
  t.deepEqual(same, { value: 1, low: 1, high: 1 });
  const slower = steady.map((each, index) => each * (index < 900 ? 1 : 2));
  t.is(growthOf({ intervals: slower }, randomFrom(1)).value, 2);
  // What happens between counts for nothing.
  const hill = steady.map((each, index) =>
    index < 100 || index >= 900 ? each : 9 * each,
  );
  t.is(growthOf({ intervals: hill }, randomFrom(1)).value, 1);
});
