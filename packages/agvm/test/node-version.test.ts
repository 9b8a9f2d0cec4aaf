import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import test from 'ava';

import {
  inWords,
  refusalOf,
  supported,
  versionsOf,
} from '../bin/node-version.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (name: string): string =>
  readFileSync(path.join(root, name), 'utf8');

const cases: readonly (readonly [
  range: string,
  version: string,
  ok: boolean,
])[] = [
  ['^20.11.0', 'v20.11.0', true],
  ['^20.11.0', 'v20.20.2', true],
  ['^20.11.0', 'v20.10.9', false],
  ['^20.11.0', 'v18.20.8', false],
  ['^20.11.0', 'v22.23.3', false],
  ['^20.11.0', 'v2.11.0', false],
  ['^20.11.0', 'v24.0.0-nightly20250101', false],
  ['^22.11.0 || ^24.0.0', 'v22.11.0', true],
  ['^22.11.0 || ^24.0.0', 'v24.0.0-rc.1', true],
  ['^22.11.0 || ^24.0.0', 'v22.3.0', false],
  ['^22.11.0 || ^24.0.0', 'v23.11.0', false],
];

for (const [range, version, ok] of cases) {
  test(`Node.js ${version} is ${ok ? '' : 'not '}of ${range}`, (t) => {
    const refusal = refusalOf(version, '/bin/node', range);
    if (ok) t.is(refusal, undefined);
    else
      t.regex(
        refusal ?? '',
        /^cannot run on Node\.js v\S+ \("\/bin\/node"\): needs /,
      );
  });
}

test('a range is named in words', (t) => {
  t.is(inWords('^20.11.0'), 'Node.js 20 (at least 20.11)');
  t.is(
    inWords('^22.1.0 || ^24.2.0 || ^26.0.0'),
    'Node.js 22 (at least 22.1), 24 (at least 24.2) or 26 (at least 26.0)',
  );
});

test('a range of another form is refused', (t) => {
  for (const range of ['>=20', '^20', '', '20.x']) {
    t.throws(() => versionsOf(range), { message: /expected \^A\.B\.C/ }, range);
  }
});

test('README, docs, version files and npm name the version that package.json does', (t) => {
  const range = supported()!;
  const { devEngines } = JSON.parse(read('package.json')) as {
    devEngines: { runtime: object };
  };
  t.deepEqual(devEngines.runtime, {
    ...{ name: 'node', version: range, onFail: 'error' },
  });
  t.true(read('README.md').includes(inWords(range)), inWords(range));
  t.true(read('docs/operating.md').includes(inWords(range)), inWords(range));
  const majors = versionsOf(range).map(({ major }) => `${String(major)}\n`);
  t.is(read('.nvmrc'), read('.node-version'));
  t.true(majors.includes(read('.node-version')));
});

// A Node.js that says it is another: every entry point asks before it imports.
const dir = mkdtempSync(path.join(tmpdir(), 'agvm-node-'));
const pretend = path.join(dir, 'pretend.cjs');
writeFileSync(
  pretend,
  "Object.defineProperty(process, 'version', { value: 'v18.20.8' });",
);
test.after.always(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('agvm-about names another version of Node.js, and loads no addon for it', async (t) => {
  const script = path.join(root, 'packages/agvm/bin/agvm-about');
  const { stdout } = await run(process.execPath, [
    ...['--require', pretend, script],
  ]);
  const about = JSON.parse(stdout) as { refusal: string; addons?: unknown };
  const refusal = refusalOf('v18.20.8', process.execPath, supported()!);
  t.is(about.refusal, refusal ?? '');
  t.is(about.addons, undefined);
});

for (const [speaker, script] of [
  ['agvm', 'packages/agvm/bin/agvm'],
  ['agd', 'packages/ab/bin/agd-ab'],
  ['agd', 'packages/localnet/bin/agd-localnet'],
  ['agd-bridge', 'tools/node-version.mjs'],
] as const) {
  test(`${script} refuses another version of Node.js in one line`, async (t) => {
    const args = ['--require', pretend, path.join(root, script)];
    const error = await t.throwsAsync(run(process.execPath, args));
    const { code, stdout, stderr } = error as unknown as Readonly<
      Record<string, unknown>
    >;
    t.is(code, 1);
    t.is(stdout, '');
    t.is(
      stderr,
      `${speaker}: ${String(refusalOf('v18.20.8', process.execPath, supported()!))}\n`,
    );
  });
}
