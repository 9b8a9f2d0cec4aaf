/**
 * `make bench`: measures, prints a table, and writes build/bench/bench.json and
 * build/bench/index.html after each case, so that a run that is ended keeps what
 * it has measured. docs/performance.md describes the method and the numbers.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { randomFrom } from '@agd-bridge/measure';

import { backends, requireBuilt } from '../conformance/backends.js';
import { requireBuild, root } from '../support/paths.js';
import { baseCandidates, baseTargets } from './base.js';
import { candidates, starters } from './candidates.js';
import { cases } from './cases.js';
import { chainCases } from './chain/cases.js';
import { ChainCases } from './chain/chain.js';
import { environment } from './environment.js';
import { reportOf } from './report/report.js';
import { page } from './report/page.js';
import { caseTable, growthTable, targetTable } from './report/table.js';
import { storeCandidates } from './store/candidates.js';
import { Peers, runCase, type CaseResult, type Options } from './run.js';
import { targets } from './targets.js';

const { env } = process;

function numberOf(variable: string, fallback: number): number {
  const text = env[variable];
  const value = text === undefined || text === '' ? fallback : Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new Error(
      `${variable}: expected a positive number, not ${String(text)}`,
    );
  }
  return value;
}

const seed = numberOf('BENCH_SEED', Math.floor(Math.random() * 2 ** 31) + 1);
const rounds = numberOf('BENCH_ROUNDS', 15);
const options: Options = {
  milliseconds: numberOf('BENCH_TIME', 100),
  rounds,
  maxRounds: Math.max(numberOf('BENCH_MAX_ROUNDS', 60), rounds),
  random: randomFrom(seed),
};
const filter = new RegExp(env['BENCH_CASES'] ?? '');

backends.forEach(requireBuilt);
requireBuild();
const chosen = cases.filter(({ name }) => filter.test(name));
console.log(
  `seed ${String(seed)}, ${String(options.milliseconds)} ms a slice, ${String(rounds)} to ${String(options.maxRounds)} rounds`,
);
const before = environment(root, seed);
const base = env['BENCH_BASE_DIR'] ?? '';
const all = [
  ...candidates,
  ...starters,
  ...storeCandidates,
  ...(base === '' ? [] : baseCandidates(base)),
];
const goals = base === '' ? targets : [...targets, ...baseTargets(chosen)];
const results: CaseResult[] = [];
/** For the candidates' sockets. */
const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
const peers = new Peers({ ...env, BENCH_DIRECTORY: scratch });
const stopped = new AbortController();
let chain = Promise.resolve();
const stop = (): void => {
  if (stopped.signal.aborted) return;
  stopped.abort();
  void Promise.allSettled([peers.end(), chain]).then(() => {
    rmSync(scratch, { recursive: true, force: true });
    process.exit(130);
  });
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
try {
  for (const each of chosen) {
    const result = await runCase(each, all, goals, peers, options);
    add(result);
  }
  await peers.end();
  chain = runChainCases();
  await chain;
} finally {
  await peers.end();
  rmSync(scratch, { recursive: true, force: true });
}

/** The machine is quiet now: the processes of the calls have exited. */
async function runChainCases(): Promise<void> {
  const some = chainCases.filter(({ name }) => filter.test(name));
  const runner = new ChainCases(options, goals, stopped.signal);
  for await (const result of runner.run(some)) {
    add(result);
  }
}

/** Prints a result, and writes the report of all so far. */
function add(result: CaseResult): void {
  results.push(result);
  console.log(`\n${caseTable(result)}`);
  writeReport();
}

function writeReport(): ReturnType<typeof reportOf> {
  const report = reportOf(results, all, goals, options, before);
  const directory = join(root, 'build', 'bench');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'bench.json'),
    `${JSON.stringify(report, undefined, 1)}\n`,
  );
  writeFileSync(join(directory, 'index.html'), page(report));
  return report;
}

const report = writeReport();
for (const each of report.growth) console.log(`\n${growthTable(each)}`);
console.log(`\n${targetTable(report.targets)}`);
console.log(`\nbuild/bench/bench.json, build/bench/index.html`);
