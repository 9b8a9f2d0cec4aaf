import { randomFrom } from '@agd-bridge/measure';
import test from 'ava';

import { differences, type Pair } from '../src/comparison.js';
import { page } from '../src/page.js';
import { ratiosOf, reportOf } from '../src/report.js';
import type { BlockSample } from '../src/side.js';
import { amount, spreadText, tables } from '../src/table.js';

const sample = (more: Partial<BlockSample> = {}): BlockSample => ({
  height: 7,
  block: 100,
  begin: 1,
  end: 50,
  commit: 2,
  afterCommit: 0,
  downcallTime: 5,
  downcalls: 12,
  bytes: 2048,
  calls: { 'down vstorage.Get': 12, 'up swingset.EndBlock': 1 },
  actions: 3,
  left: 0,
  cpu: 80,
  memory: 3e8,
  processes: [{ name: 'agd', cpu: 80, memory: 3e8 }],
  ...more,
});

const pair = (split: Partial<BlockSample> = {}): Pair => ({
  'in-process': sample(),
  split: sample(split),
});

const report = (
  pairs: readonly Pair[],
  split = 'x',
  results: readonly string[] = [],
) =>
  reportOf({
    options: { blocks: pairs.length, actions: 3, transport: 'auto', seed: 1 },
    pairs,
    slipped: 0,
    outcome: { results, published: { 'in-process': 'x', split } },
    random: randomFrom(1),
  });

test('ratios are of paired blocks, and of what in-process has', (t) => {
  t.deepEqual(
    ratiosOf([pair({ end: 75 }), pair({ end: 25 })], 'end'),
    [1.5, 0.5],
  );
  t.deepEqual(ratiosOf([pair()], 'afterCommit'), []);
  const { measures } = report([pair({ end: 75 }), pair({ end: 75 })]);
  t.deepEqual(measures.find(({ name }) => name === 'end')?.ratio, {
    value: 1.5,
    low: 1.5,
    high: 1.5,
  });
  t.is(measures.find(({ name }) => name === 'afterCommit')?.ratio, null);
});

test('blocks that did the same have no differences, however long they took', (t) => {
  t.deepEqual(differences(pair({ end: 500, bytes: 1 })), []);
});

test('differences are named: actions, calls', (t) => {
  const calls = { 'down vstorage.Get': 11, 'up swingset.EndBlock': 1 };
  t.deepEqual(differences(pair({ actions: 2, calls })), [
    'block 7: actions: in-process 3, split 2',
    'block 7: calls down vstorage.Get: in-process 12, split 11',
  ]);
});

test('batches of export data are cut by timing, which is no difference', (t) => {
  const name = 'down swingset.SwingStoreUpdateExportData';
  const calls = { ...sample().calls, [name]: 4 };
  t.deepEqual(differences(pair({ calls })), []);
});

test('results that differ are differences', (t) => {
  t.deepEqual(report([pair()], 'x', ['hash']).same.differences, ['hash']);
});

test('what the vat published is compared at the end', (t) => {
  const { same } = report([pair()], 'y');
  t.is(same.published, null);
  t.deepEqual(same.differences, ['published: in-process x, split y']);
  t.is(report([pair()]).same.published, 'x');
});

test('the table says what a block did, and whether both did the same', (t) => {
  const text = tables(report([pair(), pair({ left: 2 })]));
  t.regex(text, /^END_BLOCK +50\.0 ms +50\.0 ms +1\.000 \(1\.000 – 1\.000\)$/m);
  t.regex(text, /^actions a block: 3; left for the next block: 2$/m);
  t.regex(text, /^both modes did the same in 2 blocks/m);
  t.notRegex(text, /NaN|undefined/);
});

test('the page has no hole, and loads nothing', (t) => {
  const html = page(report([pair()], '<y>'));
  t.notRegex(html, /NaN|undefined|Infinity/);
  t.notRegex(html, /<script|<link|<img|src=|href=|url\(|https?:/);
  t.true(html.includes('split &lt;y&gt;'));
});

test('amounts have the unit that people read', (t) => {
  t.is(amount(1234.5, 'ms'), '1235 ms');
  t.is(amount(0.5, 'ms'), '0.500 ms');
  t.is(amount(131, 'calls'), '131');
  t.is(amount(2048, 'bytes'), '2.05 kB');
  t.is(amount(5.6e8, 'bytes'), '560 MB');
});

test('quartiles have the unit of their median, unless they say another', (t) => {
  const ms = spreadText({ median: 78.5, low: 75.6, high: 189 }, 'ms');
  t.is(ms, '78.5 ms (75.6 – 189)');
  const bytes = spreadText({ median: 1.5e6, low: 9e5, high: 2e6 }, 'bytes');
  t.is(bytes, '1.50 MB (900 kB – 2.00)');
  t.is(spreadText({ median: 5, low: 5, high: 5 }, 'calls'), '5');
});
