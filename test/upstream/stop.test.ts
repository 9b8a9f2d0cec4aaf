/**
 * Signals to upstream's agd, and to it and agvm. The program of `agd/` ends at
 * whatever comes first, as upstream's agd does (`agd/stopping.go`).
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import test from 'ava';

import { descendants, gone, processes } from '../support/process.js';
import { finish, start, type Run } from './run.js';

const dir = mkdtempSync(join(tmpdir(), 'upstream-stop-'));
const runs: Run[] = [];
const booted = 5;

function begin(scenario: string, home: string, height: number): Run {
  if (height === booted) {
    cpSync(join(dir, 'booted'), join(dir, home), { recursive: true });
  }
  const run = start(scenario, dir, home, height);
  runs.push(run);
  return run;
}

test.before(async () => {
  await finish(begin('blocks', 'booted', 0));
});

test.after.always(async () => {
  for (const run of runs) await run.process.kill();
  rmSync(dir, { recursive: true, force: true });
});

interface Case {
  readonly when: string;
  readonly scenario: string;
  readonly height: number;
  /** The line after which the signal is sent. */
  readonly line: string;
  readonly codes: readonly number[];
  /** agvm's Node.js may still start, when a signal to agvm kills it. */
  readonly early?: true;
  /** The kernel's own shutdown is short. */
  readonly quick?: true;
}

const died = [98, 99];
const cases: readonly Case[] = [
  {
    when: 'when it has sent INIT',
    scenario: 'stopped-in-init',
    height: 0,
    line: 'sent: AG_COSMOS_INIT',
    codes: died,
    early: true,
  },
  {
    when: 'while the kernel boots',
    scenario: 'stopped-in-init',
    height: 0,
    line: 'the kernel runs',
    codes: died,
  },
  {
    when: 'while the kernel waits for a downcall',
    scenario: 'stopped-in-block',
    height: booted,
    line: 'ready to be stopped',
    codes: died,
    quick: true,
  },
  {
    when: 'between blocks',
    scenario: 'stopped-between-blocks',
    height: booted,
    line: 'ready to be stopped',
    codes: [0],
  },
];

/** Processes that keep agd's pipe open for an agvm that has exited. */
const keepers = () =>
  processes().filter(({ command }) => command.includes('writeSync(3'));

for (const { when, scenario, height, line, codes, early, quick } of cases) {
  for (const [to, name] of [
    ['agd', 'SIGTERM to agd'],
    ['both', 'SIGINT to agd and agvm'],
  ] as const) {
    if (early && to === 'both') continue;
    test.serial(
      `${name} ${when} ends both without a panic; the log has no stack`,
      async (t) => {
        const home = `${scenario}-${to}-${String(t.title.length)}`;
        const run = begin(scenario, home, height);
        const agd = run.process;
        await agd.line((printed) => (printed === line ? true : undefined));
        const rows = descendants(agd.pid);
        const sent = Date.now();
        if (to === 'agd') agd.signal('SIGTERM');
        else process.kill(-agd.pid, 'SIGINT');
        const { code } = await agd.exited;
        const printed = [...agd.stdout, ...agd.stderr].join('\n');
        // agvm does not wait for an agd that waits for agvm.
        if (quick) t.true(Date.now() - sent < 2000);
        t.true(codes.includes(code ?? -1), `${String(code)}\n${printed}`);
        t.notRegex(printed, /panic|^\s+at |bundle\/|\.js:\d/m);
        await gone(rows.map(({ pid }) => pid));
        await gone(keepers().map(({ pid }) => pid));
      },
    );
  }
}
