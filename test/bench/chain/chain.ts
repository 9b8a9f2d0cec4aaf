import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import {
  Bed,
  Comparison,
  differences,
  type BedChain,
  type BlockSample,
  type ChainNode,
  type Outcome,
  type Pair,
} from '@agd-bridge/ab';
import { cpuTime, type Way } from '@agd-bridge/chain-kit';
import {
  shuffled,
  summarize,
  time,
  verdict,
  type Summary,
} from '@agd-bridge/measure';

import { agd } from '../../support/paths.js';
import { Histogram } from '../histogram.js';
import { estimate, type CaseResult, type Options, type Round } from '../run.js';
import type { Target } from '../targets.js';
import type { BenchWay, ChainCase, ChainOp } from './cases.js';
import { SpanSink } from './span-sink.js';

/**
 * Number of rounds of a case, and the maximum while its target is undecided.
 */
interface Rounds {
  readonly least: number;
  readonly most: number;
}

/** Blocks of each node that are not counted. */
const WARM_UPS = 5;
/**
 * A pair of blocks with 200 messages takes six seconds; blocks with more take
 * as much longer.
 */
const [MOST_BLOCKS, MOST_MESSAGES] = [60, 12_000];
/** A start takes 15 seconds, which limits the number of rounds. */
const STARTS: Rounds = { least: 5, most: 10 };
/** What a block measures for a case, in the case's units. */
const OF_BLOCK: Partial<Record<ChainOp, (sample: BlockSample) => number>> = {
  'end block': ({ end }) => end * 1e6,
  block: ({ block }) => block * 1e6,
  memory: ({ memory }) => memory,
  handler: ({ downcallTime, downcalls }) => (downcallTime / downcalls) * 1e6,
  'beyond handler': ({ vmDowncallTime, downcallTime, downcalls }) =>
    ((vmDowncallTime - downcallTime) / downcalls) * 1e6,
};
/**
 * Time between two blocks, in milliseconds. CometBFT also waits for it before
 * the first block of a run.
 */
const SHORT_PAUSE = 200;
/**
 * For idle nodes, in milliseconds: the time between two blocks, the quiet time
 * after a block, the quiet time before the next one, and the length of a
 * measured window.
 */
const [LONG_PAUSE, SETTLE, MARGIN, WINDOW] = [45_000, 5000, 1500, 2000];

/** Runs the cases that need a chain, as `agd ab` does; each gives its result when it is done. */
export class ChainCases {
  readonly #options: Options;
  readonly #targets: readonly Target[];
  readonly #signal: AbortSignal;

  constructor(
    options: Options,
    targets: readonly Target[],
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#targets = targets;
    this.#signal = signal;
  }

  async *run(chosen: readonly ChainCase[]): AsyncGenerator<CaseResult> {
    for (const chain of new Set(chosen.map((each) => each.chain))) {
      const on = chosen.filter((each) => each.chain === chain);
      yield* this.#runOn(chain, on);
    }
  }

  /** Runs the cases of one chain. */
  async *#runOn(
    chain: BedChain | undefined,
    chosen: readonly ChainCase[],
  ): AsyncGenerator<CaseResult> {
    const of = (op: ChainOp): ChainCase[] =>
      chosen.filter((each) => each.op === op);
    const bed = await Bed.make({
      agd,
      env: ofNodes(process.env),
      transport: 'auto',
      signal: this.#signal,
      ...(chain && { chain }),
    });
    try {
      for (const cases of together(chosen.filter(({ op }) => OF_BLOCK[op]))) {
        yield* await this.#blocks(bed, cases);
      }
      for (const each of of('connected')) yield this.#handshakes(bed, each);
      for (const each of of('first block')) yield this.#starts(bed, each);
      for (const each of of('idle')) yield this.#idle(bed, each);
    } finally {
      await bed.close();
    }
  }

  /** Measures the same blocks of both nodes, in turn, for cases of one load. */
  async #blocks(
    bed: Bed,
    cases: readonly [ChainCase, ...ChainCase[]],
  ): Promise<readonly CaseResult[]> {
    const { rounds, maxRounds, random } = this.#options;
    const [{ ways, load }] = cases;
    const results = cases.map((each) => new Rows(each));
    const sink = await sinkFor(bed, ways);
    try {
      const comparison = await Comparison.open(
        bed,
        mapped(ways, sink),
        load,
        random,
      );
      for (let i = 0; i < WARM_UPS; i += 1) await comparison.next();
      const most = Math.min(
        ...[maxRounds, MOST_BLOCKS, Math.ceil(MOST_MESSAGES / load.actions)],
      );
      const pairs: Pair<string>[] = [];
      while (this.#goOn(results, { least: Math.min(rounds, most), most })) {
        const pair = await comparison.next();
        requireWhole(pair, load.actions);
        pairs.push(pair);
        for (const result of results) {
          const of = OF_BLOCK[result.case.op];
          result.add((name) => {
            const sample = pair[name];
            return (sample && of?.(sample)) ?? NaN;
          });
        }
      }
      requireSame(await comparison.finish(pairs));
      await comparison.end();
      if (sink?.bytes === 0) throw new Error('the node exported no spans');
    } finally {
      await sink?.end();
    }
    return results;
  }

  /**
   * Measures starts up to the handshake of agd and the VM; the node is then
   * ended.
   */
  async #handshakes(bed: Bed, each: ChainCase): Promise<CaseResult> {
    const { rounds, maxRounds } = this.#options;
    const result = new Rows(each);
    const dir = await bed.copy('split');
    while (this.#goOn([result], { least: rounds, most: maxRounds })) {
      const took = new Map<string, number>();
      const ways = Object.entries(each.ways);
      for (const [name, way] of shuffled(ways, this.#options.random)) {
        const node = await bed.startOn(dir, way, LONG_PAUSE);
        took.set(name, ((await node.connected()) - node.started) * 1e6);
        await bed.end(node);
      }
      result.add((name) => took.get(name) ?? NaN);
    }
    return result;
  }

  /** Measures whole starts, each on its own copy of the home. */
  async #starts(bed: Bed, each: ChainCase): Promise<CaseResult> {
    const { rounds, maxRounds } = this.#options;
    const bounds = {
      least: Math.min(rounds, STARTS.least),
      most: Math.min(maxRounds, STARTS.most),
    };
    const result = new Rows(each);
    while (this.#goOn([result], bounds)) {
      const took = new Map<string, number>();
      const ways = Object.entries(each.ways);
      for (const [name, way] of shuffled(ways, this.#options.random)) {
        const dir = await bed.copy(way.mode);
        const node = await bed.startOn(dir, way, SHORT_PAUSE);
        await node.height(1);
        took.set(name, (node.committed.at - node.started) * 1e6);
        await bed.end(node);
        await rm(dir, { recursive: true });
      }
      result.add((name) => took.get(name) ?? NaN);
      const told = [...took].map(([name, ns]) => `${name} ${time(ns)}`);
      console.log(`${each.name}: ${told.join(', ')}`);
    }
    return result;
  }

  /** Measures both idle nodes at the same time. */
  async #idle(bed: Bed, each: ChainCase): Promise<CaseResult> {
    const { rounds, maxRounds } = this.#options;
    const result = new Rows(each);
    const nodes = new Map<string, ChainNode>();
    for (const [name, way] of Object.entries(each.ways)) {
      nodes.set(name, await bed.start(way, LONG_PAUSE));
    }
    const all = [...nodes.values()];
    await Promise.all(all.map((node) => node.height(1)));
    const used = (): Map<string, number> =>
      new Map([...nodes].map(([name, node]) => [name, cpuOf(node)]));
    while (this.#goOn([result], { least: rounds, most: maxRounds })) {
      await untilQuiet(all);
      const [before, began] = [used(), performance.now()];
      await setTimeout(WINDOW);
      const [after, seconds] = [used(), (performance.now() - began) / 1000];
      result.add(
        (name) =>
          ((after.get(name) ?? NaN) - (before.get(name) ?? NaN)) / seconds,
      );
    }
    await Promise.all(all.map((node) => bed.end(node)));
    return result;
  }

  /** Whether more rounds are needed: too few so far, or an undecided target below its maximum. */
  #goOn(results: readonly Rows[], { least, most }: Rounds): boolean {
    this.#signal.throwIfAborted();
    const count = results[0]?.rounds.length ?? most;
    if (count < least) return true;
    if (count >= most) return false;
    return results.some(({ case: { name }, rounds }) =>
      this.#targets.some((target) => {
        if (target.case !== name) return false;
        const interval = estimate(rounds, target);
        return interval && verdict(interval, target.target) === 'undecided';
      }),
    );
  }
}

/**
 * An environment without the variables that a shell or npm sets for Node.js,
 * such as NODE_EXTRA_CA_CERTS, which slows each start. The jail removes them,
 * so only unjailed nodes would pay for them.
 */
function ofNodes(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(NODE|npm)_/.test(name)),
  );
}

/** A receiver of spans, if a way exports some. */
async function sinkFor(
  bed: Bed,
  ways: ChainCase['ways'],
): Promise<SpanSink | undefined> {
  return Object.values(ways).some(({ spans }) => spans)
    ? SpanSink.open(bed.dir)
    : undefined;
}

/** The ways, with the configuration of the spans for those that export some. */
function mapped(
  ways: ChainCase['ways'],
  sink: SpanSink | undefined,
): Record<string, Way> {
  const of = ({ spans, ...way }: BenchWay): Way =>
    spans && sink ? { ...way, telemetry: sink.file } : way;
  return Object.fromEntries(
    Object.entries(ways).map(([name, way]) => [name, of(way)]),
  );
}

/** Cases by their ways and load; those of one group measure the same blocks. */
function together(
  cases: readonly ChainCase[],
): (readonly [ChainCase, ...ChainCase[]])[] {
  const groups: [ChainCase, ...ChainCase[]][] = [];
  for (const each of cases) {
    const group = groups.find(
      ([{ ways, load }]) => ways === each.ways && load === each.load,
    );
    if (group) group.push(each);
    else groups.push([each]);
  }
  return groups;
}

/** The rounds of a case so far. */
class Rows implements CaseResult {
  readonly case: ChainCase;
  readonly rounds: Round[] = [];
  readonly #histograms: ReadonlyMap<string, Histogram>;

  constructor(each: ChainCase) {
    this.case = each;
    const names = Object.keys(each.ways);
    this.#histograms = new Map(names.map((name) => [name, new Histogram()]));
  }

  add(value: (name: string) => number): void {
    const round = new Map<string, Summary>();
    for (const [name, histogram] of this.#histograms) {
      const samples = [value(name)];
      round.set(name, summarize(samples));
      histogram.add(samples);
    }
    this.rounds.push(round);
  }

  get distributions(): CaseResult['distributions'] {
    return new Map(
      [...this.#histograms].map(([name, { bins }]) => [name, bins]),
    );
  }
}

/** @throws Error if transactions have other results in one node, or the vat has published other things */
export function requireSame({ results, published }: Outcome<string>): void {
  const found = [...results];
  if (new Set(Object.values(published)).size > 1) {
    const texts = Object.entries(published).map(
      ([name, text]) => `${name} ${text}`,
    );
    found.push(`published: ${texts.join(', ')}`);
  }
  if (found.length > 0) throw new Error(found.join('; '));
}

/** @throws Error if the kernel did not do all actions in their block, or the nodes did different things */
export function requireWhole(pair: Pair<string>, wanted: number): void {
  const found = differences(pair);
  for (const [name, sample] of Object.entries(pair)) {
    const { height, actions, left }: BlockSample = sample;
    if (actions === wanted && left === 0) continue;
    found.push(
      `${name}, block ${String(height)}: ${String(actions)} of ${String(wanted)} actions, ${String(left)} left for the next block`,
    );
  }
  if (found.length > 0) throw new Error(found.join('; '));
}

/** Resolves when no node runs a block or will begin one within a window. */
async function untilQuiet(nodes: readonly ChainNode[]): Promise<void> {
  for (;;) {
    const now = performance.now();
    const soon = nodes.find(
      ({ committed: { at } }) => at + LONG_PAUSE - MARGIN < now + WINDOW,
    );
    if (soon) {
      await soon.height(soon.committed.height + 1);
      continue;
    }
    const last = Math.max(...nodes.map(({ committed: { at } }) => at));
    if (last + SETTLE <= now) return;
    await setTimeout(last + SETTLE - now);
  }
}

function cpuOf(node: ChainNode): number {
  return node.processes.reduce((sum, { pid }) => sum + cpuTime(pid), 0);
}
