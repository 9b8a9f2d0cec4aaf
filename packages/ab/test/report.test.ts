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
  vmDowncallTime: 6,
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
  load = 0.5,
) =>
  reportOf({
    environment: {
      ...{ date: '2026-01-01T00:00:00Z', cpu: 'x', cores: 2 },
      ...{ load, linux: '6', node: 'v24' },
    },
    options: {
      blocks: pairs.length,
      actions: 3,
      workload: 'wallet',
      transport: 'auto',
      seed: 1,
    },
    pairs,
    slipped: 0,
    outcome: { results, published: { 'in-process': 'x', split } },
    random: randomFrom(1),
  });

test('ratios are of paired blocks whose in-process value is not zero', (t) => {
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

test('blocks with equal results have no differences, whatever their times', (t) => {
  t.deepEqual(differences(pair({ end: 500, bytes: 1 })), []);
});

test('differences of actions and calls are named', (t) => {
  const calls = { 'down vstorage.Get': 11, 'up swingset.EndBlock': 1 };
  t.deepEqual(differences(pair({ actions: 2, calls })), [
    'block 7: actions: in-process 3, split 2',
    'block 7: calls down vstorage.Get: in-process 12, split 11',
  ]);
});

test('the number of export data batches depends on timing and is no difference', (t) => {
  const name = 'down swingset.SwingStoreUpdateExportData';
  const calls = { ...sample().calls, [name]: 4 };
  t.deepEqual(differences(pair({ calls })), []);
});

test('results that differ are differences', (t) => {
  t.deepEqual(report([pair()], 'x', ['hash']).same.differences, ['hash']);
});

test("the vat's published text is compared at the end", (t) => {
  const { same } = report([pair()], 'y');
  t.is(same.published, null);
  t.deepEqual(same.differences, ['published: in-process x, split y']);
  t.is(report([pair()]).same.published, 'x');
});

test('the table has the medians of a block, and whether both modes did the same', (t) => {
  const text = tables(report([pair(), pair({ left: 2 })]));
  t.regex(text, /^END_BLOCK +50\.0 ms +50\.0 ms +1\.00 \(1\.00–1\.00\)$/m);
  t.regex(text, /^wallet actions a block: 3; left for the next block: 2$/m);
  t.regex(text, /^both modes did the same in 2 blocks/m);
  t.notRegex(text, /NaN|undefined/);
});

test('the table fits 80 columns', (t) => {
  const at = (factor: number): Pair => ({
    'in-process': sample({ block: 123 * factor, end: 4.5 * factor }),
    split: sample({ block: 124 * factor, end: 4.6 * factor }),
  });
  const text = tables(report([0.8, 1, 1.1, 1.2].map(at), 'x', [], 3));
  t.regex(text, /^END_BLOCK +4\.72 ms \(4\.28–5\.06\) +4\.83 ms/m);
  t.deepEqual(
    text.split('\n').filter((line) => line.length > 80),
    [],
  );
});

test('the reports explain their terms, and say so if the machine was busy', (t) => {
  for (const load of [1.9, 2.1]) {
    const made = report([pair()], 'x', [], load);
    for (const text of [tables(made), page(made)]) {
      t.regex(text, /for each\s+pair\s+of\s+blocks/);
      t.is(/machine\s+is\s+busy/.test(text), load > 2);
    }
  }
});

test('the reports say so if there are too few blocks for an interval', (t) => {
  for (const count of [5, 6]) {
    const made = report(Array.from({ length: count }, () => pair()));
    for (const text of [tables(made), page(made)]) {
      t.is(/5 blocks are too few for 95 %\s+intervals/.test(text), count < 6);
    }
  }
});

test('the page is complete, and loads nothing', (t) => {
  const html = page(report([pair()], '<y>'));
  t.notRegex(html, /NaN|undefined|Infinity/);
  t.notRegex(html, /<script|<link|<img|src=|href=|url\(|https?:/);
  t.true(html.includes('split &lt;y&gt;'));
});

test('on the page a colour stands for one mode, whose marks all have it', (t) => {
  const html = page(report([pair(), pair({ block: 120 })]));
  const body = html.slice(html.indexOf('<body>'));
  const used = new Set(
    [...body.matchAll(/var\(--\w+\)/g)].map(([name]) => name),
  );
  t.deepEqual([...used].sort(), ['var(--c0)', 'var(--c1)', 'var(--text)']);
  t.notRegex(body, /#[0-9a-f]{3,6}\b/i, 'no colour is of one scheme alone');
  for (const [mode, colour] of [
    ['in-process', 'var(--c0)'],
    ['split', 'var(--c1)'],
  ] as const) {
    const marks = [
      ...body.matchAll(/style="\w+:(var\(--\w+\))"><title>([^<]*)/g),
    ].filter(([, , title = '']) => title.includes(mode));
    t.is(marks.length, 5 + 1 + 2, 'bars, a line and its points');
    for (const [, found] of marks) t.is(found, colour);
  }
});

test('block times have an axis of heights', (t) => {
  const at = (height: number): Pair => ({
    'in-process': sample({ height }),
    split: sample({ height }),
  });
  const heights = Array.from({ length: 30 }, (_, index) => 11 + index);
  const html = page(report(heights.map(at)));
  const plot = /<svg[^>]*aria-label="Block times".*?<\/svg>/s.exec(html)?.[0];
  const labels = [...(plot ?? '').matchAll(/<text[^>]*>([^<]*)/g)].map(
    ([, text]) => text,
  );
  t.deepEqual(labels, [
    ...['0', '20 ms', '40 ms', '60 ms', '80 ms', '100 ms'],
    ...['11', '14', '17', '20', '23', '26', '29', '32', '35', '38'],
    'block height',
  ]);
});

test('an amount has the unit that fits its size', (t) => {
  t.is(amount(1234.5, 'ms'), '1.23 s');
  t.is(amount(0.5, 'ms'), '500 µs');
  t.is(amount(0, 'ms'), '0');
  t.is(amount(131, 'calls'), '131');
  t.is(amount(2048, 'bytes'), '2.05 kB');
  t.is(amount(5.6e8, 'bytes'), '560 MB');
  t.is(amount(1.5e9, 'bytes'), '1.50 GB');
  t.is(amount(12, 'bytes'), '12 B');
});

test('quartiles have the unit of their median', (t) => {
  const ms = spreadText({ median: 78.5, low: 75.6, high: 189 }, 'ms');
  t.is(ms, '78.5 ms (75.6–189)');
  const bytes = spreadText({ median: 1.5e6, low: 9e5, high: 2e6 }, 'bytes');
  t.is(bytes, '1.50 MB (0.900–2.00)');
  t.is(spreadText({ median: 5, low: 5, high: 5 }, 'calls'), '5');
});
