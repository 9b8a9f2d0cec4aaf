import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Report } from '@agd-bridge/ab';
import test from 'ava';
import { Value } from 'typebox/value';

import {
  cellsOf,
  contrastIn,
  noBrowser,
  withPage,
} from '../support/browser.js';
import { withTempDir } from '../support/homes.js';
import { agd, root } from '../support/paths.js';
import { Process, descendants, gone } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';
import { membersOf, reportSchema } from './schema.js';

/** Runs `agd ab` with its temporary files below a directory. */
function ab(dir: string, ...args: readonly string[]): Process {
  return new Process(agd, ['ab', ...args], { ...process.env, TMPDIR: dir });
}

const leftovers = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter((name) => name.startsWith('agd-ab-'));

test.serial(
  'a run makes the same blocks in both modes, and reports them as a table, JSON and a page',
  async (t) => {
    await withTempDir(async (dir) => {
      const [json, html] = [join(dir, 'ab.json'), join(dir, 'ab.html')];
      const run = ab(
        dir,
        ...['--blocks', '4', '--actions', '7', '--seed', '5'],
        ...['--workload', 'mixed'],
        ...['--json', json, '--html', html],
      );
      try {
        const exit = await run.exited;
        const said = [...run.stderr, ...run.stdout].join('\n');
        t.deepEqual(exit, { code: 0, signal: null }, said);
        t.deepEqual(await leftovers(dir), []);
      } finally {
        await run.kill();
      }
      const report = JSON.parse(await readFile(json, 'utf8')) as Report;
      t.deepEqual([...Value.Errors(reportSchema, report)], []);
      checkReport(report);
      const printed = run.stdout.join('\n');
      t.regex(printed, /^END_BLOCK .* ms/m);
      t.regex(
        printed,
        /^wallet actions and payments a block: 7; left for the next block: 0/m,
      );
      t.regex(printed, /^both modes did the same in 4 blocks/m);
      for (const { mode, name } of report.processes) {
        t.true(printed.includes(`${mode}: ${name}`), name);
      }
      const missing = noBrowser(process.env);
      if (missing !== undefined) t.log(`page not opened: ${missing}`);
      else await checkPage(html, report);
    });

    function checkReport(report: Report): void {
      t.deepEqual(report.options, {
        blocks: 4,
        actions: 7,
        workload: 'mixed',
        transport: 'auto',
        seed: 5,
      });
      t.deepEqual(report.same.differences, []);
      t.regex(
        report.same.published ?? '',
        /^\{"actions":\d+,"last":.*\n\{"uist":"\d+"\}$/,
      );
      t.deepEqual(report.actions, { least: 7, left: 0 });
      t.is(report.blocks.length, 4);
      for (const { 'in-process': a, split: b } of report.blocks) {
        for (const { block, begin, end, commit, afterCommit, cpu } of [a, b]) {
          t.true(begin > 0 && end > 0 && commit > 0 && afterCommit > 0);
          t.true(begin + end + commit < block);
          t.true(cpu > 0);
        }
        for (const { downcallTime, vmDowncallTime } of [a, b]) {
          t.true(0 < downcallTime && downcallTime < vmDowncallTime);
        }
        t.is(a.calls['up swingset.EndBlock'], 1);
        t.true(a.downcalls > 3 * 7);
      }
      const names = report.processes.map(
        ({ mode, name }) => `${mode}: ${name}`,
      );
      for (const name of [
        'in-process: agd and agvm',
        'in-process: v1:bootstrap',
        'split: agd',
        'split: agvm',
        'split: v1:bootstrap',
      ]) {
        t.true(names.includes(name), name);
      }
    }

    async function checkPage(file: string, report: Report): Promise<void> {
      await withPage(file, async ({ page, errors, requests }) => {
        t.deepEqual(errors, []);
        t.is(requests.length, 1, requests.join(', '));
        const times = page.locator('svg[aria-label="Block times"]');
        t.is(await times.locator('polyline').count(), 2);
        t.is(await times.locator('circle').count(), 2 * report.blocks.length);
        const { height } = report.blocks[0]!.split;
        const labels = await times.locator('text').allTextContents();
        t.true(labels.includes(String(height)), labels.join(', '));
        t.is(labels.at(-1), 'block height');
        for (const scheme of ['light', 'dark'] as const) {
          const { text, marks } = await contrastIn(page, scheme);
          t.true(text >= 4.5, `${scheme}: ${String(text)}`);
          t.true(marks >= 3, `${scheme}: ${String(marks)}`);
        }
        const phases = page.locator('svg[aria-label="Phases"]');
        t.is(await phases.locator('rect').count(), 2 * 5);
        const ratios = page.locator('svg[aria-label="split ÷ in-process"]');
        t.is(
          await ratios.locator('circle').count(),
          report.measures.filter(({ ratio }) => ratio && ratio.low > 0).length,
        );
        const rows = await cellsOf(page, 'table:nth-of-type(1)');
        t.is(rows.length, 1 + report.measures.length);
        report.measures.forEach(({ ratio }, index) => {
          const shown = ratio?.value.toFixed(3) ?? '';
          t.true(rows[index + 1]?.[3]?.startsWith(shown), shown);
        });
        const processes = await cellsOf(page, 'table:nth-of-type(2)');
        t.is(processes.length, 1 + report.processes.length);
      });
    }
  },
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(
    `${signal} during the measurement ends both nodes and leaves nothing`,
    async (t) => {
      await withTempDir(async (dir) => {
        const run = ab(dir, '--blocks', '1000');
        try {
          await run.line((line) => line.includes('measuring') || undefined);
          const below = descendants(run.pid).map(({ pid }) => pid);
          t.true(below.length > 8, 'two nodes with their workers');
          run.signal(signal);
          t.deepEqual(await run.exited, { code: 98, signal: null });
          await gone(below);
          t.deepEqual(await leftovers(dir), []);
          t.is(run.stderr.at(-1), 'agd ab: stopping');
        } finally {
          await run.kill();
        }
      });
    },
  );
}

test('a signal while the chain is created leaves nothing', async (t) => {
  await withTempDir(async (dir) => {
    const run = ab(dir);
    try {
      await run.line((line) => line.includes('making a chain') || undefined);
      run.signal('SIGINT');
      t.deepEqual(await run.exited, { code: 98, signal: null });
      t.deepEqual(await leftovers(dir), []);
    } finally {
      await run.kill();
    }
  });
});

test('bad flags are refused in one line, before anything starts', async (t) => {
  const refusals: readonly (readonly [string[], RegExp])[] = [
    [['--blocks', '0'], /--blocks must be at least 1, not 0/],
    [
      ['--blocks', 'x'],
      /--blocks: expected a whole number, got "x".*agd ab --help/,
    ],
    [['--actions', '1001'], /--actions must be 1 to 1000, not 1001/],
    [
      ['--transport', 'tcp'],
      /--transport must be pipe, shm or auto, not "tcp"/,
    ],
    [
      ['--workload', 'ibc'],
      /--workload must be wallet, bank or mixed, not "ibc"/,
    ],
    [['--seed=-1'], /--seed must not be negative, it is -1/],
    [['--json', '/nowhere/a.json'], /--json: there is no directory \/nowhere/],
    [['--html', '/nowhere/a.html'], /--html: there is no directory \/nowhere/],
    [['twice'], /agd ab takes no arguments, got "twice"/],
    [['--split'], /agd ab runs both modes: it takes no --split/],
  ];
  for (const [args, expected] of refusals) {
    await expectRefusal(t, ['ab', ...args], expected);
  }
});

test('docs/commands.md has every member of the JSON', async (t) => {
  const text = await readFile(join(root, 'docs', 'commands.md'), 'utf8');
  const section = text.slice(text.indexOf('## Compare the modes'));
  for (const name of membersOf(reportSchema)) {
    t.regex(section, new RegExp(`[\`.]${name}(\\[\\])?\``));
  }
});
