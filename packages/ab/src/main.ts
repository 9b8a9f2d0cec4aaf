/** The entry point of `agd ab`, which passes its flags on: go/cli/abcmd.go. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { byMode, type Transport } from '@agd-bridge/chain-kit';
import { machine, randomFrom } from '@agd-bridge/measure';

import { Bed } from './bed.js';
import { Comparison, type Pair } from './comparison.js';
import { page } from './page.js';
import { reportOf, type Report } from './report.js';
import { tables } from './table.js';
import { busyText } from './terms.js';
import type { WorkloadName } from './workload.js';

const EXIT_FAILURE = 1;
const EXIT_SIGNAL = 98;

/**
 * Initial blocks of each node that are not counted: caches fill, code is
 * compiled.
 */
const WARM_UPS = 3;

interface Flags {
  readonly agd: string;
  readonly blocks: number;
  readonly actions: number;
  readonly workload: WorkloadName;
  readonly transport: Transport;
  readonly seed: number;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly keep: boolean;
}

function flagsOf(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agd: { type: 'string' },
      blocks: { type: 'string', default: '20' },
      actions: { type: 'string', default: '20' },
      workload: { type: 'string', default: 'wallet' },
      transport: { type: 'string', default: 'auto' },
      seed: { type: 'string' },
      json: { type: 'string' },
      html: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const { agd, seed, json, html, keep } = values;
  if (agd === undefined)
    throw new Error(
      'agd-ab cannot run alone: its flags are missing: run "agd ab"',
    );
  return {
    agd,
    blocks: Number(values.blocks),
    actions: Number(values.actions),
    workload: values.workload as WorkloadName,
    transport: values.transport as Transport,
    seed: Number(seed ?? Math.floor(Math.random() * 2 ** 31) + 1),
    ...{ json, html, keep },
  };
}

function say(text: string): void {
  process.stderr.write(`agd ab: ${text}\n`);
}

async function compare(flags: Flags, signal: AbortSignal): Promise<Report> {
  const { agd, blocks, actions, workload, transport, seed, keep } = flags;
  const random = randomFrom(seed);
  const environment = { date: new Date().toISOString(), ...machine() };
  const busy = busyText(environment);
  if (busy !== undefined) say(`warning: ${busy}`);
  say(`making a chain and booting its kernel (seed ${String(seed)})`);
  const bed = await Bed.make({ agd, env: process.env, transport, signal });
  try {
    say('starting both nodes');
    const load = { actions, workload };
    const comparison = await Comparison.open(bed, byMode, load, random);
    for (let i = 0; i < WARM_UPS; i += 1) await comparison.next();
    say(`measuring ${String(blocks)} blocks of each`);
    const pairs: Pair[] = [];
    while (pairs.length < blocks) pairs.push(await comparison.next());
    const outcome = await comparison.finish(pairs);
    return reportOf({
      environment,
      options: { blocks, actions, workload, transport, seed },
      pairs,
      slipped: comparison.slipped,
      outcome,
      random,
    });
  } finally {
    await bed.close({ keep });
    if (keep) say(`kept: ${bed.dir}`);
  }
}

async function main(signal: AbortSignal): Promise<number> {
  const flags = flagsOf(process.argv.slice(2));
  const report = await compare(flags, signal);
  console.log(tables(report));
  const { json, html } = flags;
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(report, undefined, 1)}\n`);
  }
  if (html !== undefined) await writeFile(html, page(report));
  for (const each of report.same.differences) say(each);
  return report.same.differences.length === 0 ? 0 : EXIT_FAILURE;
}

const stop = new AbortController();
// If the reader of the output goes away, both nodes still shut down in order.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', () => undefined);
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (!stop.signal.aborted) say('stopping');
    stop.abort();
  });
}
try {
  process.exitCode = await main(stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`agd: ${(error as Error).message}\n`);
  }
  process.exitCode = stop.signal.aborted ? EXIT_SIGNAL : EXIT_FAILURE;
}
