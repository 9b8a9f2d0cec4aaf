import {
  bootstrapMedian,
  median,
  quantile,
  randomFrom,
  shuffled,
  summarize,
  verdict,
  type Summary,
} from '@agd-bridge/measure';
import test from 'ava';

import { Histogram } from './histogram.js';
import { estimate, compared, type Round } from './run.js';
import type { Target } from './targets.js';

test('a quantile lies between two values in proportion', (t) => {
  t.is(quantile([10, 20, 30, 40], 0), 10);
  t.is(quantile([10, 20, 30, 40], 0.5), 25);
  t.is(quantile([10, 20, 30, 40], 1), 40);
  t.is(quantile([7], 0.99), 7);
  t.throws(() => quantile([], 0.5), { message: 'no values' });
});

test('a median does not need sorted values, and leaves them as they are', (t) => {
  const values = [10, 9, 100];
  t.is(median(values), 10);
  t.deepEqual(values, [10, 9, 100]);
});

test('a summary has the median, the 99th percentile and the distance of the quartiles', (t) => {
  const samples = Array.from({ length: 101 }, (_, i) => 100 - i);
  t.deepEqual(summarize(samples), { count: 101, p50: 50, p99: 99, iqr: 50 });
});

test('the interval of equal values is that value', (t) => {
  const interval = bootstrapMedian([2, 2, 2], randomFrom(1));
  t.deepEqual(interval, { value: 2, low: 2, high: 2 });
});

test('the same seed gives the same interval', (t) => {
  const values = Array.from({ length: 20 }, (_, i) => 1 + (i % 7) / 10);
  t.deepEqual(
    bootstrapMedian(values, randomFrom(7)),
    bootstrapMedian(values, randomFrom(7)),
  );
});

test('nineteen of twenty intervals hold the true median', (t) => {
  const random = randomFrom(42);
  let held = 0;
  for (let i = 0; i < 200; i += 1) {
    const values = Array.from({ length: 25 }, () => random()); // its median is 0.5
    const { low, high } = bootstrapMedian(values, random);
    if (low <= 0.5 && 0.5 <= high) held += 1;
  }
  t.true(held >= 180 && held < 200, `${String(held)} of 200`);
});

test('one wild round hardly moves the interval', (t) => {
  const calm = Array.from({ length: 21 }, (_, i) => 1 + (i - 10) / 100);
  const wild = [...calm.slice(0, 20), 1000];
  t.true(bootstrapMedian(wild, randomFrom(3)).high < 1.1);
});

test('the whole interval decides', (t) => {
  const at = (low: number, high: number) =>
    verdict({ value: (low + high) / 2, low, high }, 1);
  t.is(at(0.9, 1.01), 'pass');
  t.is(at(0.9, 1.02), 'undecided');
  t.is(at(0.9, 1.1), 'undecided');
  t.is(at(1.02, 1.1), 'undecided');
  t.is(at(1.03, 1.1), 'fail');
});

const summary = (p50: number): Summary => ({
  count: 1,
  p50,
  p99: 2 * p50,
  iqr: 0,
});

const target: Target = {
  name: 'a ÷ b',
  case: 'any',
  statistic: 'p50',
  numerator: 'a',
  denominator: 'b',
  comparison: 'ratio',
  op: '<=',
  target: 1,
};

test('comparisons are of paired rounds; a round without one of the two is left out', (t) => {
  const rounds: Round[] = [
    new Map([
      ['a', summary(10)],
      ['b', summary(20)],
    ]),
    new Map([['a', summary(10)]]),
    new Map([
      ['a', summary(30)],
      ['b', summary(20)],
      ['c', summary(1)],
    ]),
  ];
  t.deepEqual(compared(rounds, target), [0.5, 1.5]);
  t.is(estimate(rounds, target)?.value, 1);
  t.deepEqual(
    compared(rounds, { ...target, comparison: 'difference' }),
    [-10e-6, 10e-6],
  );
  t.is(estimate(rounds, { ...target, denominator: 'd' }), undefined);
});

test('a seed repeats the order, which keeps every item', (t) => {
  const items = ['a', 'b', 'c', 'd', 'e'];
  const [once, again] = [5, 5].map((seed) => {
    const random = randomFrom(seed);
    return Array.from({ length: 10 }, () => shuffled(items, random).join(' '));
  });
  t.deepEqual(once, again);
  t.true(new Set(once).size > 5);
  for (const order of once!) {
    t.deepEqual(order.split(' ').sort(), items);
  }
});

test('a histogram counts every sample near its value', (t) => {
  const histogram = new Histogram();
  histogram.add([1000, 1000, 50]);
  histogram.add([1000, 0]);
  const { bins } = histogram;
  t.deepEqual(
    bins.map(([, count]) => count),
    [1, 1, 3],
  );
  t.true(Math.abs(bins[2]![0] - 1000) < 50);
});
