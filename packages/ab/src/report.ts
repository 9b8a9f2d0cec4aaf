import { modes, type Mode, type Transport } from '@agd-bridge/chain-kit';
import {
  bootstrapMedian,
  median,
  quantile,
  type Interval,
  type Machine,
} from '@agd-bridge/measure';

import { differences, type Outcome, type Pair } from './comparison.js';
import type { BlockSample } from './side.js';
import type { WorkloadName } from './workload.js';

/** A median with its quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export type Unit = 'ms' | 'calls' | 'bytes';

/** One quantity of a block, in both modes. */
export interface Measure {
  readonly name: MeasureName;
  readonly unit: Unit;
  readonly 'in-process': Spread;
  readonly split: Spread;
  /**
   * split ÷ in-process of paired blocks; null if the in-process value is zero.
   */
  readonly ratio: Interval | null;
}

/** Resource use of one process: medians over the blocks. */
export interface ProcessRow {
  readonly mode: Mode;
  readonly name: string;
  /** CPU time for a block in ms. */
  readonly cpu: number;
  /** Proportional set size, in bytes. */
  readonly memory: number;
}

/** The output of `agd ab --json`; docs/commands.md describes it. */
export interface Report {
  readonly version: 1;
  readonly environment: Machine & { readonly date: string };
  readonly options: {
    readonly blocks: number;
    readonly actions: number;
    readonly workload: WorkloadName;
    readonly transport: Transport;
    readonly seed: number;
  };
  readonly same: {
    /** Differences between the modes, as text. */
    readonly differences: readonly string[];
    /** The vat's published records at the end, if both have the same. */
    readonly published: string | null;
  };
  /**
   * The fewest messages of the workload that a block executed, and the most
   * actions that a block left for the next.
   */
  readonly actions: { readonly least: number; readonly left: number };
  readonly slipped: number;
  readonly measures: readonly Measure[];
  readonly processes: readonly ProcessRow[];
  readonly blocks: readonly Pair[];
}

const MEASURES = [
  ['block', 'ms'],
  ['begin', 'ms'],
  ['end', 'ms'],
  ['commit', 'ms'],
  ['afterCommit', 'ms'],
  ['downcalls', 'calls'],
  ['downcallTime', 'ms'],
  ['vmDowncallTime', 'ms'],
  ['bytes', 'bytes'],
  ['cpu', 'ms'],
  ['memory', 'bytes'],
] as const satisfies readonly (readonly [keyof BlockSample, Unit])[];
export type MeasureName = (typeof MEASURES)[number][0];

export interface ReportInputs {
  /** The machine before the run. */
  readonly environment: Report['environment'];
  readonly options: Report['options'];
  readonly pairs: readonly Pair[];
  readonly slipped: number;
  readonly outcome: Outcome;
  readonly random: () => number;
}

/** Makes the report of the measured blocks; at least one is required. */
export function reportOf(inputs: ReportInputs): Report {
  const { environment, options, pairs, slipped, outcome, random } = inputs;
  const found = [...pairs.flatMap(differences), ...outcome.results];
  const { 'in-process': ours, split: theirs } = outcome.published;
  if (ours !== theirs) {
    found.push(`published: in-process ${ours}, split ${theirs}`);
  }
  const samples = pairs.flatMap((pair) => modes.map((mode) => pair[mode]));
  return {
    version: 1,
    environment,
    options,
    same: { differences: found, published: ours === theirs ? ours : null },
    actions: {
      least: Math.min(...samples.map(({ actions }) => actions)),
      left: Math.max(...samples.map(({ left }) => left)),
    },
    slipped,
    measures: MEASURES.map(([name, unit]) =>
      measure(name, unit, pairs, random),
    ),
    processes: modes.flatMap((mode) =>
      processesOf(
        mode,
        pairs.map((pair) => pair[mode]),
      ),
    ),
    blocks: pairs,
  };
}

/** split ÷ in-process of each pair whose values are not zero. */
export function ratiosOf(pairs: readonly Pair[], name: MeasureName): number[] {
  return pairs.flatMap(({ 'in-process': a, split: b }) =>
    a[name] > 0 ? [b[name] / a[name]] : [],
  );
}

function measure(
  name: MeasureName,
  unit: Unit,
  pairs: readonly Pair[],
  random: () => number,
): Measure {
  const ratios = ratiosOf(pairs, name);
  return {
    name,
    unit,
    'in-process': spread(pairs.map((pair) => pair['in-process'][name])),
    split: spread(pairs.map((pair) => pair.split[name])),
    ratio: ratios.length === 0 ? null : bootstrapMedian(ratios, random),
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
  };
}

function processesOf(
  mode: Mode,
  samples: readonly BlockSample[],
): ProcessRow[] {
  const names = new Set(
    samples.flatMap(({ processes }) => processes.map(({ name }) => name)),
  );
  return [...names].map((name) => {
    const own = samples.flatMap(({ processes }) =>
      processes.filter((row) => row.name === name),
    );
    return {
      mode,
      name,
      cpu: median(own.map(({ cpu }) => cpu)),
      memory: median(own.map(({ memory }) => memory)),
    };
  });
}
