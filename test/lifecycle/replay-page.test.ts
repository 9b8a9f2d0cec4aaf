// The page of `agd bridge replay --html`, in a real browser.
import { createWriteStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { cellsOf, noBrowser, withPage } from '../support/browser.js';
import { withTempDir } from '../support/homes.js';
import { agd } from '../support/paths.js';
import { outcomeOf, type Outcome } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

const vm = fileURLToPath(new URL('fixture-failing-vm.ts', import.meta.url));

/**
 * A trace of this many blocks, without downcalls, except one in the last block,
 * which a VM without a kernel does not make. An END_BLOCK takes a millisecond,
 * and in block 777 a second.
 */
async function writeTrace(file: string, blocks: number): Promise<void> {
  const out = createWriteStream(file);
  let millis = Date.UTC(2026, 0, 2);
  const line = (from: string, frame: object): void => {
    const time = new Date(millis).toISOString();
    out.write(`${JSON.stringify({ time, from, frame })}\n`);
  };
  const call = (
    method: string,
    params: object,
    result: unknown,
    between = (): void => undefined,
  ): void => {
    line('agd', { id: 1, method, params: [params] });
    between();
    line('agvm', { id: 1, result, error: null });
  };
  call('bridge.Handshake', {}, {});
  call('swingset.Init', { blockHeight: 0 }, true);
  for (let blockHeight = 1; blockHeight <= blocks; blockHeight += 1) {
    for (const name of ['Begin', 'End', 'Commit', 'AfterCommit']) {
      call(`swingset.${name}Block`, { blockHeight }, null, () => {
        if (name !== 'End') return;
        millis += blockHeight === 777 ? 1000 : 1;
        if (blockHeight < blocks) return;
        const params = ['<b>published</b>'];
        line('agvm', { id: 2, method: 'vstorage.Get', params });
        line('agd', { id: 2, result: null, error: null });
      });
    }
  }
  out.end();
  await finished(out);
}

/** Replays a trace to a VM without a kernel. */
async function replayed(
  dir: string,
  trace: string,
  ...args: readonly string[]
): Promise<Outcome> {
  return outcomeOf(
    agd,
    [
      ...['bridge', 'replay', trace, '--vm'],
      ...['--split-vm', vm, '--jail=off', ...args],
    ],
    {
      ...process.env,
      TMPDIR: dir,
      NODE_OPTIONS: `--import=${import.meta.resolve('tsx')}`,
    },
  );
}

const skip = noBrowser(process.env);

(skip === undefined ? test.serial : test.serial.skip)(
  'the page of a replay of 25,000 blocks opens in a browser, and shows the first difference and each block’s times',
  async (t) => {
    await withTempDir(async (dir) => {
      const [trace, html] = [join(dir, 'trace.jsonl'), join(dir, 'page.html')];
      await writeTrace(trace, 25_000);
      const { exit, stderr } = await replayed(dir, trace, '--html', html);
      t.deepEqual(exit, { code: 1, signal: null }, stderr);
      await withPage(html, async ({ page, errors, requests }) => {
        t.regex(
          await page.locator('.lead').innerText(),
          /^The kernel differs from the trace in block 25000, /,
        );
        const difference = await page.locator('#difference').innerText();
        t.regex(
          difference,
          /^ {2}expected vstorage\.Get "<b>published<\/b>"$/m,
        );
        t.regex(difference, /^ {2}came {5}nothing$/m);
        for (const id of ['#recorded', '#replayed']) {
          t.is(await page.locator(`${id} .bar`).count(), 239);
          // Beside block 777, all others are too short to be pointed at.
          const bar = await page.locator(`${id} .bar`).nth(5).boundingBox();
          t.true((bar?.height ?? 0) > 100);
        }
        const phases = await cellsOf(page, '#phases');
        const end = phases.find(([name]) => name === 'swingset.EndBlock');
        t.deepEqual(end?.slice(1, 3), ['25000', '26.0 s']);
        const most = await cellsOf(page, '#differ');
        t.deepEqual(most[1]?.slice(0, 2), ['777', '1.00 s']);

        // It begins with the block that differs most.
        const block = page.locator('#block');
        const shown = async (): Promise<string | undefined> =>
          (await cellsOf(page, '#ofblock'))[2]?.slice(0, 3).join(' ');
        t.is(await block.inputValue(), '777');
        t.is(await shown(), 'swingset.EndBlock 1 1.00 s');
        await block.fill('24000');
        await block.press('Enter');
        t.is(await shown(), 'swingset.EndBlock 1 1.00 ms');
        await block.fill('25001');
        await block.press('Enter');
        t.is(
          await page.locator('#count').innerText(),
          'The page has no block 25001.',
        );
        await page.locator('#replayed .bar').nth(5).click();
        t.regex((await shown()) ?? '', /^swingset\.EndBlock 1 /);
        t.deepEqual(errors, []);
        t.is(requests.length, 1, 'it loads nothing');
      });
    });
  },
);

(skip === undefined ? test.serial : test.serial.skip)(
  'the page of a replay with --all has all differences by method and port',
  async (t) => {
    await withTempDir(async (dir) => {
      const [trace, html] = [join(dir, 'trace.jsonl'), join(dir, 'page.html')];
      await writeTrace(trace, 3);
      const { exit, stderr } = await replayed(
        ...[dir, trace, '--all', '--html', html],
      );
      t.deepEqual(exit, { code: 1, signal: null }, stderr);
      await withPage(html, async ({ page, errors, requests }) => {
        t.regex(
          await page.locator('#summary').innerText(),
          /^1 of \d blocks differ, \d are equal\.$/,
        );
        t.deepEqual((await cellsOf(page, '#differing')).slice(1), [
          ['vstorage', 'vstorage.Get', '0', '1', '0', '0'],
        ]);
        const port = page.locator('details.port');
        t.is(
          await port.locator('summary').innerText(),
          'block 3, swingset.EndBlock, port vstorage: 1 of 1 downcalls differ',
        );
        await port.locator('summary').click();
        t.regex(
          await port.locator('pre').innerText(),
          /expected vstorage\.Get "<b>published<\/b>"\n {4}came {5}nothing/,
        );
        t.deepEqual(errors, []);
        t.is(requests.length, 1, 'it loads nothing');
      });
    });
  },
);

test('the page of a replay does not overwrite the trace, and is written whole or not at all', async (t) => {
  await withTempDir(async (dir) => {
    const [trace, html] = [join(dir, 'trace.jsonl'), join(dir, 'page.html')];
    await writeTrace(trace, 2);
    const command = ['bridge', 'replay', trace, '--vm', '--html'];
    await expectRefusal(
      t,
      [...command, trace],
      /--html: .*trace\.jsonl is read for it, and would be overwritten/,
    );
    await expectRefusal(
      t,
      [...command, join(dir, 'no', 'page.html')],
      /--html: open .*no such file/,
    );
    await writeFile(trace, `no trace\n${await readFile(trace, 'utf8')}`);
    const { exit, stderr } = await replayed(dir, trace, '--html', html);
    t.deepEqual(exit, { code: 1, signal: null });
    t.regex(stderr, /^agd: .*trace\.jsonl:1: not a line of a trace/m);
    await t.throwsAsync(stat(html), { code: 'ENOENT' });
  });
});
