import { randomFrom, summarize } from '@agd-bridge/measure';

import { candidates, starters, takesPart } from './candidates.js';
import { cases, type Case } from './cases.js';
import { chainCases, type ChainCase } from './chain/cases.js';
import { Histogram } from './histogram.js';
import { reportOf } from './report/report.js';
import type { CaseResult } from './run.js';
import { storeCandidates } from './store/candidates.js';
import { targets } from './targets.js';

/** Every measured case. */
export const all = [...candidates, ...starters, ...storeCandidates];
const samples = [1000, 1100, 1200, 5000];

/** The cases of chain/cases.ts. */
export const chain: readonly ChainCase[] = chainCases;
const results = [
  ...cases.map((each) =>
    resultOf(
      each,
      all
        .filter((candidate) => takesPart(candidate, each))
        .map(({ name }) => name),
    ),
  ),
  ...chain.map((each) => resultOf(each, Object.keys(each.ways))),
];

function resultOf(each: Case, names: readonly string[]): CaseResult {
  const histogram = new Histogram();
  histogram.add(samples);
  const round = new Map(names.map((name) => [name, summarize(samples)]));
  const distributions = new Map(names.map((name) => [name, histogram.bins]));
  return { case: each, rounds: [round, round], distributions };
}

/** A report in which every case was measured, quickly. */
export const report = reportOf(
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
