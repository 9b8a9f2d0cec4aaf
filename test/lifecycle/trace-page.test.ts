// The page of `agd bridge trace --html`, in a real browser.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { page as measurePage } from '@agd-bridge/measure';
import test from 'ava';

import { noBrowser, withPage } from '../support/browser.js';
import { withTempDir } from '../support/homes.js';
import { runAgd } from '../support/node.js';
import { expectRefusal } from '../support/refusal.js';

/** A trace of this many blocks, with ten frames each, a millisecond apart. */
function traceOf(blocks: number): string {
  const lines: string[] = [];
  let millis = Date.UTC(2026, 0, 2);
  const line = (from: string, frame: string): void => {
    lines.push(
      `{"time":"${new Date(millis).toISOString()}","from":"${from}","frame":${frame}}\n`,
    );
    millis += 1;
  };
  for (let height = 1; height <= blocks; height += 1) {
    const params = `[{"blockHeight":${String(height)}}]`;
    for (const name of ['Begin', 'End', 'Commit', 'AfterCommit']) {
      const method = `"swingset.${name}Block"`;
      line(
        'agd',
        `{"id":${String(height)},"method":${method},"params":${params}}`,
      );
      if (name === 'End') {
        line(
          'agvm',
          `{"id":${String(height)},"method":"vstorage.Get","params":["<b>published.${String(height)}</b>"]}`,
        );
        line('agd', `{"id":${String(height)},"result":"x","error":null}`);
      }
      line('agvm', `{"id":${String(height)},"result":null,"error":null}`);
    }
  }
  return lines.join('');
}

const styleOf = (html: string): string[] =>
  (/<style>([^]*)<\/style>/.exec(html)?.[1] ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Scrolls the list through all frames in 60 steps: the longest of them in ms. */
const scrollThrough = `new Promise((resolve) => {
  const list = document.querySelector('#frames');
  let [step, before, most] = [0, 0, 0];
  const next = (now) => {
    if (step > 1) most = Math.max(most, now - before);
    before = now;
    step += 1;
    list.scrollTop = (list.scrollHeight * step) / 60;
    if (step < 60) requestAnimationFrame(next);
    else resolve(most);
  };
  requestAnimationFrame(next);
})`;

const skip = noBrowser(process.env);

test('the page of a trace has the style of the other pages', async (t) => {
  await withTempDir(async (dir) => {
    const [trace, html] = [join(dir, 'trace.jsonl'), join(dir, 'trace.html')];
    await writeFile(trace, traceOf(2));
    await runAgd(dir, ['bridge', 'trace', trace, '--html', html]);
    const style = styleOf(await readFile(html, 'utf8'));
    for (const line of styleOf(measurePage('x'))) {
      t.true(style.includes(line), `go/traceview/page.css lacks: ${line}`);
    }
  });
});

(skip === undefined ? test.serial : test.serial.skip)(
  'a page of 100,000 frames opens in a browser, scrolls, and shows a block’s frames',
  async (t) => {
    await withTempDir(async (dir) => {
      const [trace, html] = [join(dir, 'trace.jsonl'), join(dir, 'trace.html')];
      await writeFile(trace, traceOf(10_000));
      await runAgd(dir, ['bridge', 'trace', trace, '--html', html]);
      await withPage(html, async ({ page, errors, requests }) => {
        const count = page.locator('#count');
        t.is(await count.innerText(), '100000 frames');
        t.true((await page.locator('.row').count()) < 200);
        t.regex(
          await page.locator('#methods').innerText(),
          /swingset\.EndBlock\s+10000/,
        );
        t.is(await page.locator('#plot .bar').count(), 239);

        // The longest time between two frames of the screen while scrolling
        // through everything.
        const longest = await page.evaluate<number>(scrollThrough);
        t.log(`longest frame: ${longest.toFixed(0)} ms`);
        t.true((await page.locator('.row').count()) < 200);
        await page.locator('.row', { hasText: /^ *100000 / }).waitFor();

        await page.locator('#block').fill('7777');
        await page.locator('#block').press('Enter');
        t.is(await count.innerText(), '10 frames');
        await page.locator('.row', { hasText: 'vstorage.Get' }).first().click();
        t.regex(
          await page.locator('#detail').innerText(),
          /<b>published\.7777<\/b>/,
        );
        await page.locator('#plot .bar').first().click();
        t.regex(await count.innerText(), /^10 frames$/);
        t.deepEqual(errors, []);
        t.is(requests.length, 1, 'it loads nothing');
      });
    });
  },
);

test('a page does not overwrite the trace that it shows', async (t) => {
  await withTempDir(async (dir) => {
    const [trace, old] = [join(dir, 'trace.jsonl'), join(dir, 'trace.jsonl.1')];
    await writeFile(trace, traceOf(2));
    await writeFile(old, traceOf(2));
    for (const [flag, file] of [
      ['--html', trace],
      ['--perfetto', trace],
      ['--html', old],
    ] as const) {
      const before = await readFile(file, 'utf8');
      await expectRefusal(
        t,
        ['bridge', 'trace', trace, flag, file],
        /is read for it, and would be overwritten: name another file/,
      );
      t.is(await readFile(file, 'utf8'), before);
    }
  });
});

test('files of a trace that cannot be written are refused in one line', async (t) => {
  await withTempDir(async (dir) => {
    const trace = join(dir, 'trace.jsonl');
    await writeFile(trace, traceOf(1));
    const command = ['bridge', 'trace', trace];
    const out = join(dir, 'out');
    for (const [flags, expected] of [
      [['--slog', trace], /--slog needs --perfetto/],
      [['--html', out, '--json'], /--json is for printing: it excludes/],
      [['--html', out, '--perfetto', out], /exclude each other/],
      [['--html', join(dir, 'no', 'x')], /--html: open .*no such file/],
      [
        ['--perfetto', out, '--slog', join(dir, 'no')],
        /--slog: .*no such file/,
      ],
    ] as const) {
      await expectRefusal(t, [...command, ...flags], expected);
    }
    await expectRefusal(
      t,
      ['bridge', 'trace', '-f', `${trace}.zst`],
      /--follow: .*is compressed/,
    );
  });
});
