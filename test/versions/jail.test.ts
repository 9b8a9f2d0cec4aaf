/** The jail's list of system calls suffices on each version of Node.js. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import test from 'ava';

import { expectRefused, status, withNode } from '../jail/nodes.js';
import { logEntry, said } from '../support/node.js';
import { root } from '../support/paths.js';

import { environmentOf, supported, versionOf } from './versions.js';

const helper = join(root, 'build', 'agd-vm-jail');
const { landlock, seccomp } = JSON.parse(
  execFileSync(helper, ['probe'], { encoding: 'utf8' }),
) as { landlock: number; seccomp: boolean };
const inJail = landlock >= 6 && seccomp ? test.serial : test.serial.skip;

for (const major of supported) {
  inJail(
    `in the jail on Node.js ${String(major)} a node makes blocks and a snapshot, and every attempt of the VM fails`,
    async (t) => {
      const env = await environmentOf(major);
      const args = ['--jail=on', '--state-sync.snapshot-interval', '2'];
      await withNode(
        t,
        args,
        async (node, attempts) => {
          t.is(await versionOf(node), major);
          expectRefused(t, attempts);
          const { vm } = await node.pids();
          t.is(status(vm, 'Seccomp'), 2);
          // The kernel's exporter is a second process of Node.js in the jail.
          await node.line((line) =>
            logEntry(line)?.['message'] === 'completed state snapshot'
              ? true
              : undefined,
          );
          const snapshots = join(node.options.home, 'data', 'snapshots');
          t.true(existsSync(snapshots));
          t.true(readdirSync(snapshots).some((name) => /^\d+$/.test(name)));
          await node.height(node.committed() + 1);
          const printed = [...node.stdout, ...node.stderr]
            .filter((line) => !said(line).startsWith('attempt '))
            .join('\n');
          t.notRegex(printed, /EPERM|Operation not permitted/);
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        },
        env,
      );
    },
  );
}
