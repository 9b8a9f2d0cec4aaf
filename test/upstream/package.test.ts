/**
 * The npm package that `make agvm-package` makes, installed outside the
 * checkout without a registry, as the VM of upstream's agd: by itself, and in a
 * jail.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import test from 'ava';

import { status } from '../jail/nodes.js';
import { agvm, root } from '../support/paths.js';
import { descendants, isWorker } from '../support/process.js';
import { finish, start, type Run } from './run.js';

const run = promisify(execFile);

const { version } = JSON.parse(
  readFileSync(join(root, 'packages', 'agvm', 'package.json'), 'utf8'),
) as { version: string };
const tarball = join(
  root,
  'build',
  `agvm-${version}-linux-${process.arch}.tgz`,
);
const dir = mkdtempSync(join(tmpdir(), 'upstream-package-'));
const bin = join(dir, 'node_modules', '.bin');
const runs: Run[] = [];

const { landlock, seccomp } = JSON.parse(
  execFileSync(join(root, 'build', 'agd-vm-jail'), ['probe'], {
    encoding: 'utf8',
  }),
) as { landlock: number; seccomp: boolean };
const inJail = landlock >= 6 && seccomp ? test.serial : test.serial.skip;

function begin(
  scenario: string,
  height: number,
  vm: string,
  env: NodeJS.ProcessEnv,
): Run {
  const started = start(scenario, dir, 'home', height, { vm, env });
  runs.push(started);
  return started;
}

test.before(async () => {
  if (!existsSync(tarball)) {
    throw new Error(`${tarball} is absent: run \`make agvm-package\``);
  }
  const args = ['install', '--offline', '--no-audit', '--no-fund', tarball];
  await run('npm', args, { cwd: dir });
  // Boots with the bundles of the checkout, which the package does not have.
  await finish(begin('blocks', 0, agvm, {}));
});

test.after.always(async () => {
  for (const started of runs) await started.process.kill();
  rmSync(dir, { recursive: true, force: true });
});

test.serial(
  'the README of the package links to its own headings, and to pages of the web',
  (t) => {
    const file = join(dir, 'node_modules', '@agd-bridge', 'agvm', 'README.md');
    const links = readFileSync(file, 'utf8').match(/\]\([^)]+\)/g) ?? [];
    t.true(links.some((link) => link.includes('docs/security.md#')));
    for (const link of links) t.regex(link, /^\]\((#|https:\/\/)/);
  },
);

test.serial('the addons of the installed package load', async (t) => {
  for (const [addon, member] of [
    ['bridge-split', 'Pipes'],
    ['bridge-inproc', 'dieWithParent'],
  ] as const) {
    const load = `typeof require('@agd-bridge/${addon}/addon').${member}`;
    const { stdout } = await run('node', ['--print', load], {
      cwd: join(dir, 'node_modules', '@agd-bridge', 'agvm'),
    });
    t.is(stdout.trim(), 'function', addon);
  }
});

test.serial(
  'the installed package runs blocks and exports the state, with the kernel bundled before',
  async (t) => {
    const started = begin('blocks', 5, join(bin, 'agvm'), {});
    const report = await finish<{ exportFiles: string[] }>(started);
    t.is(
      report.storage['published.bank.agoric1bob'],
      '{"uist":"10000"}',
      'the vat ran',
    );
    t.true(report.findings.exportFiles.includes('export-manifest.json'));
    const printed = started.process.stderr.join('\n');
    t.notRegex(printed, /kept bundles|Warning|\.js:\d/);
  },
);

inJail(
  'its agd-vm-jail, named by --split-vm, confines the VM and its workers, and agd ends with 0',
  async (t) => {
    const slog = join(dir, 'slog');
    const env = { AGD_JAIL: 'on', SLOGFILE: slog, SECRET_TOKEN: 'secret' };
    const vm = join(bin, 'agd-vm-jail');
    const started = begin('stopped-between-blocks', 10, vm, env);
    const agd = started.process;
    await agd.line((line) =>
      line === 'ready to be stopped' ? true : undefined,
    );
    const rows = descendants(agd.pid);
    const [confined] = rows;
    t.truthy(confined);
    const pid = confined?.pid ?? 0;
    t.is(status(pid, 'Seccomp'), 2);
    t.is(status(pid, 'CapEff'), 0);
    const environ = readFileSync(`/proc/${String(pid)}/environ`, 'utf8');
    t.notRegex(environ, /SECRET_TOKEN/);
    const workers = rows.filter(({ command }) => isWorker(command));
    t.true(workers.length > 0);
    for (const worker of workers) t.is(status(worker.pid, 'Seccomp'), 2);
    t.true(existsSync(slog));
    agd.signal('SIGTERM');
    const { code } = await agd.exited;
    const printed = [...agd.stdout, ...agd.stderr].join('\n');
    t.is(code, 0, printed);
    t.regex(printed, /^agd-vm-jail: the VM runs in a jail: confined: files, /m);
  },
);

inJail(
  'in its jail a signal in a block ends agd without a panic',
  async (t) => {
    const vm = join(bin, 'agd-vm-jail');
    const started = begin('stopped-in-block', 11, vm, { AGD_JAIL: 'on' });
    const agd = started.process;
    await agd.line((line) =>
      line === 'ready to be stopped' ? true : undefined,
    );
    agd.signal('SIGTERM');
    const { code } = await agd.exited;
    const printed = [...agd.stdout, ...agd.stderr].join('\n');
    t.true(code === 98 || code === 99, `${String(code)}\n${printed}`);
    t.notRegex(printed, /panic/);
  },
);
