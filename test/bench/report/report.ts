import {
  bootstrapMedian,
  verdict,
  type Interval,
  type Summary,
  type Verdict,
} from '@agd-bridge/measure';

import type { Contestant } from '../candidates.js';
import type { Case } from '../cases.js';
import type { Environment } from '../environment.js';
import type { Bins } from '../histogram.js';
import { estimate, overall, type CaseResult, type Options } from '../run.js';
import type { Target } from '../targets.js';
import { growthOf, type Growth } from './growth.js';

/** The content of build/bench/bench.json; docs/performance.md describes it. */
export interface Report {
  readonly version: 1;
  readonly environment: Environment;
  readonly options: {
    readonly milliseconds: number;
    readonly rounds: number;
    readonly maxRounds: number;
  };
  readonly targets: readonly TargetResult[];
  readonly candidates: readonly Pick<Contestant, 'name' | 'what'>[];
  readonly cases: readonly CaseReport[];
  readonly growth: readonly Growth[];
}

/**
 * A row of the table of targets. If it was not measured, all members except its
 * name and target are null.
 */
export interface TargetResult extends Target {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** An undecided target has not passed. */
  readonly pass: boolean | null;
  readonly verdict: Verdict | 'not measured';
  readonly rounds: number;
}

export interface CaseReport extends Case {
  readonly candidates: readonly CandidateReport[];
}

export interface CandidateReport {
  readonly name: string;
  /** Medians over all rounds, in nanoseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly iqr: number;
  /** The rounds in order; null if the candidate had no turn. */
  readonly rounds: readonly (Summary | null)[];
  readonly distribution: Bins;
  /** p50 ÷ that of the case's base, or of {@link BASE}, paired; null if that was not measured. */
  readonly ratio: Interval | null;
}

/**
 * The candidate that each is compared with, in addition to the targets, unless
 * its case has its own base.
 */
export const BASE = 'in-process';

export function reportOf(
  results: readonly CaseResult[],
  candidates: readonly Contestant[],
  targets: readonly Target[],
  { milliseconds, rounds, maxRounds, random }: Options,
  environment: Environment,
): Report {
  const cases = results.map((result) => caseReport(result, random));
  return {
    version: 1,
    environment,
    options: { milliseconds, rounds, maxRounds },
    targets: targets.map((target) => targetResult(target, results)),
    candidates: candidates.map(({ name, what }) => ({ name, what })),
    cases,
    growth: growthOf(cases),
  };
}

function targetResult(
  target: Target,
  results: readonly CaseResult[],
): TargetResult {
  const rounds =
    results.find((result) => result.case.name === target.case)?.rounds ?? [];
  const interval = estimate(rounds, target);
  if (!interval) {
    const nothing = { value: null, low: null, high: null, pass: null };
    return { ...target, ...nothing, verdict: 'not measured', rounds: 0 };
  }
  const found = verdict(interval, target.target);
  const pass = found === 'pass';
  return {
    ...target,
    ...interval,
    pass,
    verdict: found,
    rounds: rounds.length,
  };
}

function caseReport(result: CaseResult, random: () => number): CaseReport {
  const { rounds } = result;
  const { base = BASE } = result.case;
  const reports = [...result.distributions].map(([name, distribution]) => {
    const own = rounds.map((round) => round.get(name) ?? null);
    const { p50, p99, iqr } = overall(own.flatMap((summary) => summary ?? []));
    const paired = rounds.flatMap((round) => {
      const [above, below] = [round.get(name), round.get(base)];
      return above && below ? [above.p50 / below.p50] : [];
    });
    return {
      name,
      p50,
      p99,
      iqr,
      rounds: own,
      distribution,
      ratio: paired.length === 0 ? null : bootstrapMedian(paired, random),
    };
  });
  return { ...result.case, candidates: reports };
}
