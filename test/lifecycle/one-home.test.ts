import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, freshHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  runAgd,
  startArgs,
} from '../support/node.js';
import { processes } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

/** Commands that would disturb a running node, or be disturbed by it. */
const exclusive: readonly string[][] = [
  ['export'],
  ['prune', 'everything'],
  ['snapshots', 'list'],
  ['comet', 'unsafe-reset-all'],
  ['export', '--export-dir', 'never', '--split'],
  ['export', '--export-dir', 'never', '--split=false'],
];

for (const mode of modes) {
  test.serial(
    `${mode}: a running node keeps other processes off its home and continues`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          await node.pids();
          const expected = new RegExp(`another agd runs on ${home}: stop it`);
          for (const other of modes) {
            // The ports are the same, too; the error must name the home.
            const args = startArgs({ ...node.options, mode: other });
            await expectRefusal(t, args, expected);
          }
          for (const command of exclusive) {
            await expectRefusal(t, [...command, '--home', home], expected);
          }
          const id = await runAgd(home, ['comet', 'show-node-id']);
          const status = await node.rpc<{ node_info: { id: string } }>(
            'status',
          );
          t.is(status.node_info.id, id);
          await node.height(node.committed() + 2);
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        } finally {
          await node.kill();
        }
      });
    },
  );
}

test.serial(
  'a stopped chain is exported, pruned, listed and reset without a kernel',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const bob = await address(home, 'bob');
      const node = new AgdNode({
        home,
        mode: 'split',
        ports: await nodePorts(),
      });
      try {
        await node.pids();
        const sent = await node.tx('bank', 'send', 'alice', bob, '7uist');
        await node.height(sent + 1);
        await node.stop();
      } finally {
        await node.kill();
      }
      const exported = JSON.parse(await runAgd(home, ['export'])) as {
        chain_id: string;
        app_state: {
          vstorage: { data: readonly { path: string; value?: string }[] };
        };
      };
      t.is(exported.chain_id, 'agd-test');
      t.is(
        exported.app_state.vstorage.data.find(
          ({ path }) => path === `published.bank.${bob}`,
        )?.value,
        '{"ubld":"1000000","uist":"7"}',
      );
      t.is(await runAgd(home, ['snapshots', 'list']), '');
      await runAgd(home, ['prune', 'everything']);
      await runAgd(home, ['comet', 'unsafe-reset-all']);
      const left = await readdir(join(home, 'data'));
      t.deepEqual(
        left,
        ['priv_validator_state.json'],
        'the kernel is reset too',
      );
    });
  },
);

test.serial(
  "Ctrl-C during the kernel's first boot ends it at once, and the next start works",
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await freshHome(dir);
      const ports = await nodePorts();
      const points = ['Launching SwingSet kernel', 'block bootstrap'];
      for (const [mode, reached] of modes.flatMap((mode) =>
        points.map((point) => [mode, point] as const),
      )) {
        const node = new AgdNode({ home, mode, ports });
        try {
          await node.line((line) =>
            line.includes(reached) ? line : undefined,
          );
          const asked = Date.now();
          process.kill(-node.pid, 'SIGINT');
          t.deepEqual(await node.exited, { code: 98, signal: null });
          t.true(Date.now() - asked < 5000, 'it does not wait for the boot');
          t.deepEqual(
            [...node.stdout, ...node.stderr].filter((line) =>
              /ClosedError|^\s*at \S|"\s*at #?\w/.test(line),
            ),
            [],
            `${mode}, ${reached}: no stack of a stop that was asked for`,
          );
          t.deepEqual(
            processes().filter((row) => row.session === node.pid),
            [],
            'no process is left',
          );
        } finally {
          await node.kill();
        }
      }
      const node = new AgdNode({ home, mode: 'in-process', ports });
      try {
        await node.height(2);
        t.deepEqual(await node.stop(), { code: 98, signal: null });
      } finally {
        await node.kill();
      }
    });
  },
);
