import { execFile, spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, said, startArgs } from '../support/node.js';
import { agd, root } from '../support/paths.js';
import { Process, processes } from '../support/process.js';

const run = promisify(execFile);
const unit = join(root, 'contrib', 'systemd', 'agd.service');

/** agd's exit codes, by their names in Go. */
async function exitCodes(): Promise<Record<string, string>> {
  const file = join(root, 'go', 'supervisor', 'exitcode.go');
  const source = await readFile(file, 'utf8');
  return Object.fromEntries(
    [...source.matchAll(/^\t(Exit\w+) += (\d+)$/gm)].map(
      ([, name = '', code = '']) => [name, code],
    ),
  );
}

test('the systemd unit and the table of exit codes agree with agd', async (t) => {
  const codes = await exitCodes();
  t.like(codes, {
    ExitFailure: '1',
    ExitHalted: '97',
    ExitSignal: '98',
    ExitUnasked: '99',
  });
  const settings = await readFile(unit, 'utf8');
  t.regex(
    settings,
    new RegExp(
      `^SuccessExitStatus=${codes['ExitHalted']!} ${codes['ExitSignal']!}$`,
      'm',
    ),
  );
  t.regex(
    settings,
    new RegExp(
      `^RestartPreventExitStatus=${codes['ExitFailure']!} ${codes['ExitHalted']!}$`,
      'm',
    ),
  );
  // The jail relies on these, or cannot provide them for root.
  const policy = await readFile(join(root, 'go/jail/policy.go'), 'utf8');
  const most = Number(/^const maxProcesses = (\d+)$/m.exec(policy)?.[1]);
  const tasks = Number(/^TasksMax=(\d+)$/m.exec(settings)?.[1]);
  t.true(tasks > most, `${String(tasks)}, ${String(most)}`);
  t.regex(settings, /^RestrictSUIDSGID=yes$/m);
  const page = await readFile(join(root, 'docs', 'operating.md'), 'utf8');
  for (const code of Object.values(codes)) {
    t.regex(page, new RegExp(`^\\| ${code} \\|`, 'm'), code);
  }
});

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;

(analyze ? test : test.skip)('systemd-analyze accepts the unit', async (t) => {
  await withTempDir(async (dir) => {
    // Where agd is installed, and its user, differ from machine to machine.
    const file = join(dir, 'agd.service');
    const text = await readFile(unit, 'utf8');
    await writeFile(
      file,
      text.replace('/usr/local/bin/agd', agd).replace('User=agd\n', ''),
    );
    const { stderr } = await run('systemd-analyze', ['verify', file]);
    t.is(stderr, '');
  });
});

test.serial(
  'a planned halt ends with 97 in both modes, again at the next start, and loses nothing',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const ports = await nodePorts();
      // The first run stops before a block that it decided; later runs stop
      // before its replay.
      const at = { height: 0 };
      for (const mode of [...modes, modes[0]!]) {
        if (at.height === 0) {
          const node = new AgdNode({ home, mode, ports });
          try {
            at.height = (await node.height(1)) + 3;
            await node.stop();
          } finally {
            await node.kill();
          }
        }
        const args = ['--halt-height', String(at.height)];
        const node = new AgdNode({ home, mode, ports, args });
        try {
          t.deepEqual(await node.exited, { code: 97, signal: null }, mode);
          t.is(
            node.stderr.filter((line) => line.startsWith('agd: ')).at(-1),
            `agd: halted before block ${String(at.height)}: halt-height = ${String(at.height)}: to continue, remove this option`,
          );
          t.true(node.committed() < at.height);
        } finally {
          await node.kill();
        }
      }
      const node = new AgdNode({ home, mode: 'split', ports });
      try {
        await node.height(at.height + 1);
        t.deepEqual(await node.stop(), { code: 98, signal: null });
      } finally {
        await node.kill();
      }
    });
  },
);

/** The user `nobody`, who owns no files. */
const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/** Whether this process may become the user `nobody`, and that user may read agd. */
const canBeNobody =
  spawnSync('setpriv', [...nobody, 'test', '-x', agd]).status === 0;

for (const mode of modes) {
  (canBeNobody ? test.serial : test.serial.skip)(
    `${mode}: agd needs no privileges`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        await run('chown', ['-R', '65534:65534', dir]);
        await chmod(dir, 0o755);
        const args = startArgs({ home, mode, ports: await nodePorts() });
        const node = new Process('setpriv', [...nobody, '--', agd, ...args], {
          ...process.env,
          HOME: dir,
        });
        try {
          await node.line((line) =>
            said(line) === 'first block of this run committed'
              ? true
              : undefined,
          );
          node.signal('SIGTERM');
          t.deepEqual(await node.exited, { code: 98, signal: null });
          t.deepEqual(
            processes().filter((row) => row.session === node.pid),
            [],
          );
        } finally {
          await node.kill();
        }
      });
    },
  );
}
