/**
 * `make bench-soak`: many blocks in a row in both modes at the same time. Prints
 * block time, memory and open descriptors at the start and at the end, and
 * writes build/bench/soak.json and soak.html. docs/performance.md describes it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Bed } from '@agd-bridge/ab';
import { modes } from '@agd-bridge/chain-kit';
import {
  aligned,
  colourAt,
  facts,
  legend,
  median,
  page,
  randomFrom,
  seriesPlot,
} from '@agd-bridge/measure';

import { agd, requireBuild, root } from '../../support/paths.js';
import { environment } from '../environment.js';
import { WARM_UP, growthOf, soak, type Run } from './soak.js';

const SEED = 1;
const text = process.env['SOAK_BLOCKS'] ?? '';
const blocks = text === '' ? 10_000 : Number(text);
if (!Number.isInteger(blocks) || blocks < 100) {
  throw new Error(`SOAK_BLOCKS: expected a number from 100, not ${text}`);
}
requireBuild();
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    stop.abort();
  });
}

const before = environment(root, SEED);
const bed = await Bed.make({
  ...{ agd, env: process.env, transport: 'auto' as const },
  signal: stop.signal,
});
let runs: Run[];
try {
  runs = await Promise.all(
    modes.map((mode) =>
      soak(bed, mode, blocks, ({ height, memory }) => {
        console.log(`${mode}: block ${String(height)}, ${megabytes(memory)}`);
      }),
    ),
  );
} finally {
  await bed.close();
}

const random = randomFrom(SEED);
const rows = runs.map((run) => {
  const { mode, intervals, readings } = run;
  const tenth = Math.floor(intervals.length / 10);
  const grown = growthOf(run, random);
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last) throw new Error('no readings');
  return [
    mode,
    milliseconds(median(intervals.slice(0, tenth))),
    milliseconds(median(intervals.slice(-tenth))),
    `${grown.value.toFixed(2)} (${grown.low.toFixed(2)} … ${grown.high.toFixed(2)})`,
    megabytes(first.memory),
    megabytes(last.memory),
    (last.memory / first.memory).toFixed(2),
    `${String(first.descriptors)} → ${String(last.descriptors)}`,
    `${String(first.processes)} → ${String(last.processes)}`,
  ];
});
const head = [
  ...['', 'block, first tenth', 'last tenth', 'last ÷ first (95 %)'],
  ...['memory at first', 'at last', 'ratio', 'descriptors', 'processes'],
];
console.log(`\n${aligned([head, ...rows])}`);

const directory = join(root, 'build', 'bench');
mkdirSync(directory, { recursive: true });
const report = { version: 1, environment: before, blocks, warmUp: WARM_UP };
writeFileSync(
  join(directory, 'soak.json'),
  `${JSON.stringify({ ...report, runs }, undefined, 1)}\n`,
);
writeFileSync(join(directory, 'soak.html'), plots(runs));
console.log('\nbuild/bench/soak.json, build/bench/soak.html');

/** Block time, memory and descriptors over the run. */
function plots(all: readonly Run[]): string {
  const places = all[0]?.readings.slice(1).map(({ height }) => height) ?? [];
  const plot = (
    title: string,
    values: (run: Run) => readonly number[],
    format: (value: number) => string,
  ): string =>
    seriesPlot(
      title,
      all.map((run, index) => ({
        name: run.mode,
        colour: colourAt(index),
        values: values(run),
      })),
      { title: 'height', places },
      format,
    );
  return page(
    `${blocks.toLocaleString('en')} blocks in a row`,
    facts({ commit: before.commit, date: before.date, cpu: before.cpu }),
    legend(all.map(({ mode }, index) => [mode, colourAt(index)])),
    plot('time of a block, median', blockTimes, milliseconds),
    plot(
      'memory of all processes',
      ({ readings }) => readings.slice(1).map((reading) => reading.memory),
      megabytes,
    ),
    plot(
      'open descriptors',
      ({ readings }) => readings.slice(1).map(({ descriptors }) => descriptors),
      String,
    ),
  );
}

/** The median block time between each two readings. */
function blockTimes({ intervals, readings }: Run): number[] {
  const start = readings[0]?.height ?? 0;
  return readings.slice(1).map(({ height }, index) => {
    const from = (readings[index]?.height ?? start) - start;
    return median(intervals.slice(from, height - start));
  });
}

function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(0)} MB`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
