import test from 'ava';

import { permitted } from '../src/core-eval.js';

test('permits select the powers', (t) => {
  const powers = { publish: 1, other: 2 };
  t.deepEqual(permitted(true, powers), powers);
  t.deepEqual(permitted({ publish: true }, powers), { publish: 1 });
  t.deepEqual(permitted({ publish: 'x', other: false }, powers), {
    publish: 1,
  });
  for (const none of [null, false, {}, [], 'text', 7]) {
    t.deepEqual(permitted(none, powers), {});
  }
});
