import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import {
  cellsOf,
  contrastIn,
  noBrowser,
  withPage,
} from '../support/browser.js';
import { withTempDir } from '../support/homes.js';
import { cases } from './cases.js';
import { all, chain, report } from './fixture-report.js';
import { page } from './report/page.js';
import { targetTable } from './report/table.js';
import { targets } from './targets.js';

test('every target belongs to an existing case', (t) => {
  for (const target of targets) {
    t.true(
      [...cases, ...chain].some(({ name }) => name === target.case),
      target.case,
    );
  }
});

test('a report has every target, measured or not', (t) => {
  t.deepEqual(
    report.targets.map(({ name }) => name),
    targets.map(({ name }) => name),
  );
  for (const { value, low, high, pass, verdict } of report.targets) {
    const measured = verdict !== 'not measured';
    for (const member of [value, low, high, pass]) {
      t.is(member !== null, measured);
    }
  }
  t.is(targetTable(report.targets).split('\n').length, targets.length + 1);
});

test('the page has every target, case and candidate, and loads nothing', (t) => {
  const html = page(report);
  for (const { name } of [...targets, ...cases, ...chain, ...all]) {
    t.true(html.includes(name), name);
  }
  t.true(html.includes('&lt;commit&gt;'));
  t.is(/<script|<link|<img|src=|href=|url\(|https?:/.exec(html), null);
  t.is(/NaN|undefined|Infinity/.exec(html), null);
});

const missing = noBrowser(process.env);
(missing === undefined ? test : test.skip)(
  `a browser draws every plot of the page, readable in both colour schemes, and loads nothing${missing === undefined ? '' : ` (${missing})`}`,
  async (t) => {
    await withTempDir(async (dir) => {
      const file = join(dir, 'index.html');
      await writeFile(file, page(report));
      await withPage(file, async ({ page: shown, errors, requests }) => {
        t.deepEqual(errors, []);
        t.is(requests.length, 1, requests.join(', '));
        const { growth } = report;
        const sections = 1 + report.cases.length + growth.length;
        t.is(await shown.locator('h2').count(), sections);
        const rows = await cellsOf(shown, 'table:nth-of-type(1)');
        t.deepEqual(
          rows.slice(1).map(([name, value]) => [name, value]),
          report.targets.map(({ name, value }) => [name, value?.toFixed(2)]),
        );
        const lines = await shown.locator('polyline').count();
        const marks = await shown.locator('circle').count();
        const measured = report.cases.flatMap(({ candidates }) => candidates);
        const grown = growth.flatMap(({ candidates }) => candidates);
        t.is(lines, measured.length + grown.length);
        const ratios = measured.filter(({ ratio }) => ratio !== null);
        t.is(marks, report.targets.length + ratios.length);
        for (const scheme of ['light', 'dark'] as const) {
          const { text, marks } = await contrastIn(shown, scheme);
          t.true(text >= 4.5, `${scheme}: ${String(text)}`);
          t.true(marks >= 2, `${scheme}: ${String(marks)}`);
        }
        for (const svg of await shown.locator('svg').all()) {
          const box = await svg.boundingBox();
          t.true((box?.width ?? 0) > 300 && (box?.height ?? 0) > 20);
        }
      });
    });
  },
);
