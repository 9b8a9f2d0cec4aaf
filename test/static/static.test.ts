// agd without cgo, which AGD_TEST_BINARY names: what differs from `make build`'s.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import ava from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { nodePorts, startArgs } from '../support/node.js';
import { agd } from '../support/paths.js';
import { expectRefusal } from '../support/refusal.js';

const run = promisify(execFile);

const test = process.env['AGD_TEST_BINARY'] === undefined ? ava.skip : ava;

const refusal =
  /^agd: cannot run in-process: this agd is built without cgo: use --split$/;

test('without cgo: agd is a static executable', async (t) => {
  const { stderr } = await t.throwsAsync<Error & { stderr: string }>(
    run('ldd', [agd]),
  );
  t.regex(stderr, /not a dynamic executable/);
});

test('without cgo: what would run in-process is refused', async (t) => {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const ports = await nodePorts();
    for (const args of [
      startArgs({ home, mode: 'in-process', ports }),
      ['export', '--export-dir', join(dir, 'export'), '--home', home],
    ]) {
      await expectRefusal(t, args, refusal);
    }
  });
});

test('without cgo: agd doctor expects no library', async (t) => {
  await withTempDir(async (dir) => {
    const { stdout } = await run(agd, [
      ...['doctor', '--json', '--home', join(dir, 'none')],
    ]).catch((error: unknown) => error as { stdout: string });
    const { checks } = JSON.parse(stdout) as {
      checks: { name: string; verdict: string; found: string }[];
    };
    const files = checks.find(({ name }) => name === 'files');
    t.is(files?.verdict, 'ok', files?.found);
  });
});
