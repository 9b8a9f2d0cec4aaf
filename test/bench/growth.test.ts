import test from 'ava';

import { growthOf } from './report/growth.js';
import { report } from './fixture-report.js';
import { growthTable } from './report/table.js';
import type { CaseReport } from './report/report.js';

/** Cases of 10, 100 and 1,000, in another order, with these values. */
function casesOf(values: Readonly<Record<string, number[]>>): CaseReport[] {
  return [1, 0, 2].map((index) => ({
    name: `case ${String(index)}`,
    op: 'storage',
    bytes: 0,
    outstanding: 1,
    cpus: 'any',
    grows: { name: 'a cost', size: 10 ** (index + 1) },
    candidates: Object.entries(values).map(([name, all]) => ({
      name,
      p50: all[index] ?? 0,
      ...{ p99: 0, iqr: 0, rounds: [], distribution: [], ratio: null },
    })),
  }));
}

test('the exponent is that of the growth between the largest sizes', (t) => {
  const [growth] = growthOf(
    casesOf({ linear: [70, 100, 1000], square: [1, 10, 1000] }),
  );
  t.deepEqual(growth?.sizes, [10, 100, 1000]);
  t.deepEqual(
    growth?.candidates.map(({ name, values, exponent }) => [
      name,
      values,
      Number(exponent.toFixed(6)),
    ]),
    [
      ['linear', [70, 100, 1000], 1],
      ['square', [1, 10, 1000], 2],
    ],
  );
});

test('one size shows no growth', (t) => {
  t.deepEqual(growthOf(casesOf({ linear: [1, 2, 3] }).slice(0, 1)), []);
});

test("a report has the growth of each family of cases, and its table's rows", (t) => {
  t.deepEqual(
    report.growth.map(({ name }) => name),
    [
      'storage, entries of 4 KiB in a block',
      'storage, children of a path',
      'END_BLOCK, actions',
    ],
  );
  for (const growth of report.growth) {
    const rows = growthTable(growth).split('\n');
    t.is(rows.length, growth.candidates.length + 1);
    t.true(growth.candidates.length >= 2, growth.name);
  }
});
