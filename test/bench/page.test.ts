import test from 'ava';

import { candidates, starters, takesPart } from './candidates.js';
import { cases } from './cases.js';
import { Histogram } from './histogram.js';
import { randomFrom } from '@agd-bridge/measure';
import { page } from './report/page.js';
import { reportOf } from './report/report.js';
import { targetTable } from './report/table.js';
import type { CaseResult } from './run.js';
import { summarize } from '@agd-bridge/measure';
import { targets } from './targets.js';

const all = [...candidates, ...starters];
const samples = [1000, 1100, 1200, 5000];

const results = cases.map((each): CaseResult => {
  const names = all
    .filter((candidate) => takesPart(candidate, each))
    .map(({ name }) => name);
  const histogram = new Histogram();
  histogram.add(samples);
  const round = new Map(names.map((name) => [name, summarize(samples)]));
  const distributions = new Map(names.map((name) => [name, histogram.bins]));
  return { case: each, rounds: [round, round], distributions };
});

const report = reportOf(
  results,
  all,
  targets,
  { milliseconds: 1, rounds: 2, maxRounds: 2, random: randomFrom(1) },
  {
    date: '',
    commit: '<commit>',
    seed: 1,
    cpu: '',
    cores: 2,
    load: 0,
    linux: '',
    node: '',
    go: '',
  },
);

test('every target is of a case that there is', (t) => {
  for (const target of targets) {
    t.true(
      cases.some(({ name }) => name === target.case),
      target.case,
    );
  }
});

test('a report has every target, measured or not', (t) => {
  t.deepEqual(
    report.targets.map(({ name }) => name),
    targets.map(({ name }) => name),
  );
  for (const { value, low, high, pass, verdict } of report.targets) {
    const measured = verdict !== 'not measured';
    for (const member of [value, low, high, pass]) {
      t.is(member !== null, measured);
    }
  }
  t.is(targetTable(report.targets).split('\n').length, targets.length + 1);
});

test('the page has every target, case and candidate, and loads nothing', (t) => {
  const html = page(report);
  for (const { name } of [...targets, ...cases, ...all]) {
    t.true(html.includes(name), name);
  }
  t.true(html.includes('&lt;commit&gt;'));
  t.is(/<script|<link|<img|src=|href=|url\(|https?:/.exec(html), null);
  t.is(/NaN|undefined|Infinity/.exec(html), null);
});
