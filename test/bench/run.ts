import {
  bootstrapMedian,
  median,
  randomFrom,
  shuffled,
  summarize,
  verdict,
  type Interval,
  type Summary,
} from '@agd-bridge/measure';

import { takesPart, type Contestant, type Runner } from './candidates.js';
import type { CallCase, Case } from './cases.js';
import { Histogram, type Bins } from './histogram.js';
import { PeerProcess } from './peer-process.js';
import { runStart } from './start-process.js';
import type { Slice } from './side.js';
import type { Target } from './targets.js';

export interface Options {
  /** Measuring time of one slice. */
  readonly milliseconds: number;
  /**
   * Number of rounds of a case, and the maximum while a target is undecided.
   */
  readonly rounds: number;
  readonly maxRounds: number;
  readonly random: () => number;
}

/** One round of a case: each candidate runs once. */
export type Round = ReadonlyMap<string, Summary>;

/**
 * A candidate over all rounds: medians over the rounds. Rounds of one sample
 * each are summarised together.
 */
export function overall(rounds: readonly Summary[]): Omit<Summary, 'count'> {
  if (rounds.every(({ count }) => count === 1)) {
    return summarize(rounds.map(({ p50 }) => p50));
  }
  const middle = (statistic: keyof Summary): number =>
    median(rounds.map((summary) => summary[statistic]));
  return { p50: middle('p50'), p99: middle('p99'), iqr: middle('iqr') };
}

/** All measurements of one case. */
export interface CaseResult {
  readonly case: Case;
  readonly rounds: readonly Round[];
  /** All samples of all rounds, by candidate. */
  readonly distributions: ReadonlyMap<string, Bins>;
}

const [LEAST, MOST] = [5, 20_000];
/** Slices that are not counted, before a candidate's first round of a case. */
const WARM_UPS = 3;

/**
 * The long-lived processes of a run: one set for each candidate and choice of
 * CPUs.
 */
export class Peers {
  readonly #started = new Map<string, Runner>();
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Runs a slice; resolves with the duration of each call, in nanoseconds. */
  async run(
    candidate: Contestant,
    cpus: Case['cpus'],
    slice: Slice,
  ): Promise<readonly number[]> {
    const { name } = candidate;
    if ('open' in candidate) {
      const peer = await this.#get(`${name}, ${cpus}`, async () =>
        PeerProcess.start(candidate, cpus, this.#env),
      );
      return peer.run(slice);
    }
    if ('start' in candidate) {
      return (await this.#get(name, candidate.start)).run(slice);
    }
    return runStart(candidate.command, this.#env);
  }

  async #get(key: string, start: () => Promise<Runner>): Promise<Runner> {
    const found = this.#started.get(key);
    if (found) return found;
    const started = await start();
    this.#started.set(key, started);
    return started;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#started.values()].map((peer) => peer.end()));
  }
}

/**
 * The ratios or differences of a target, one for each round, in its unit.
 * Rounds that lack one of the two candidates are omitted.
 */
export function compared(rounds: readonly Round[], target: Target): number[] {
  return rounds.flatMap((round) => {
    const above = round.get(target.numerator)?.[target.statistic];
    const below = round.get(target.denominator)?.[target.statistic];
    if (above === undefined || below === undefined) return [];
    return target.comparison === 'ratio'
      ? [above / below]
      : [(above - below) / (target.unit === '%' ? 1e7 : 1e6)];
  });
}

/**
 * Seed of the bootstrap. The same rounds always give the same interval, both
 * for the decision on more rounds and in the report.
 */
const RESAMPLING_SEED = 1;

/** A target's estimate; undefined if a candidate was not measured. */
export function estimate(
  rounds: readonly Round[],
  target: Target,
): Interval | undefined {
  const values = compared(rounds, target);
  if (values.length === 0) return undefined;
  return bootstrapMedian(values, randomFrom(RESAMPLING_SEED));
}

/** Runs a case: rounds of all candidates in random order, then more of those whose targets are undecided. */
export async function runCase(
  each: CallCase,
  candidates: readonly Contestant[],
  targets: readonly Target[],
  peers: Peers,
  options: Options,
): Promise<CaseResult> {
  const slice: Slice = {
    op: each.op,
    bytes: each.bytes,
    outstanding: each.outstanding,
    ...(each.operations !== undefined && { operations: each.operations }),
    milliseconds: options.milliseconds,
    least: LEAST,
    most: MOST,
  };
  const able = candidates.filter((candidate) => takesPart(candidate, each));
  const histograms = new Map(able.map(({ name }) => [name, new Histogram()]));
  for (const candidate of able) {
    for (let i = 0; i < WARM_UPS; i += 1) {
      await peers.run(candidate, each.cpus, slice);
    }
  }

  const rounds: Round[] = [];
  let chosen = able;
  while (chosen.length > 0) {
    const round = new Map<string, Summary>();
    for (const candidate of shuffled(chosen, options.random)) {
      const samples = await peers.run(candidate, each.cpus, slice);
      round.set(candidate.name, summarize(samples));
      histograms.get(candidate.name)?.add(samples);
    }
    rounds.push(round);
    if (rounds.length < options.rounds) continue;
    chosen = undecided(each, rounds, able, targets, options);
  }
  const distributions = new Map(
    [...histograms].map(([name, { bins }]) => [name, bins]),
  );
  return { case: each, rounds, distributions };
}

/**
 * The candidates of a case's targets that need more rounds and may have them.
 */
function undecided(
  each: Case,
  rounds: readonly Round[],
  candidates: readonly Contestant[],
  targets: readonly Target[],
  { maxRounds }: Options,
): Contestant[] {
  if (rounds.length >= maxRounds) return [];
  const names = new Set(
    targets
      .filter((target) => {
        if (target.case !== each.name) return false;
        const interval = estimate(rounds, target);
        return interval && verdict(interval, target.target) === 'undecided';
      })
      .flatMap((target) => [target.numerator, target.denominator]),
  );
  return candidates.filter(({ name }) => names.has(name));
}
