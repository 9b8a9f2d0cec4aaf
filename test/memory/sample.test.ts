import test from 'ava';

import { growth, type Sample } from './sample.js';

const of = (values: readonly number[]): Sample[] =>
  values.map((jsHeap) => ({
    jsHeap,
    ...{ goHeap: 0, goroutines: 0, jsResident: 0, goResident: 0 },
  }));

test('what is lost a bit at a time is growth', (t) => {
  const leak = of(Array.from({ length: 11 }, (_, i) => 100 + 10 * i));
  t.true(growth(leak, 'jsHeap') > 40, String(growth(leak, 'jsHeap')));
});

test('a single step is none', (t) => {
  const step = [100, 101, 99, 100, 101, 1100, 1101, 1099, 1100, 1101, 1100];
  t.true(growth(of(step), 'jsHeap') < 5);
  t.is(growth(of([5, 4, 3, 2]), 'jsHeap'), -2);
});
