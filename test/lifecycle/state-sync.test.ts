import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, followerHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  logEntry,
  modes,
  nodePorts,
  runAgd,
  said,
  type Mode,
} from '../support/node.js';
import { descendants, gone, processes } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';
import { makesSnapshots, snapshotMade, trust } from '../support/state-sync.js';

const other = (mode: Mode): Mode => (mode === 'split' ? 'in-process' : 'split');

/** Keeps two heights of the chain's store. */
const prunes = [
  ...['--pruning', 'custom'],
  ...['--pruning-keep-recent', '2', '--pruning-interval', '10'],
];

/** Resolves once a node has pruned a height; within 40 blocks. */
async function pruned(node: AgdNode, height: number): Promise<void> {
  for (let at = height + 10; at < height + 40; at += 1) {
    await node.height(at);
    try {
      await node.agd(
        ...['query', 'vstorage', 'children', 'published'],
        ...['--height', String(height)],
      );
    } catch {
      return;
    }
  }
  throw new Error(`height ${String(height)} is still there`);
}

/**
 * Sends an action of bob's, which the vat counts; returns the vat's published
 * record on the node `at`.
 */
async function act(
  node: AgdNode,
  text: string,
  at: AgdNode = node,
): Promise<string> {
  const bob = await address(node.options.home, 'bob');
  const command = ['swingset', 'wallet-action', text, '--from', 'bob'];
  await at.height(await node.tx(...command));
  return at.vstorage(`published.wallet.${bob}`);
}

for (const mode of modes) {
  test.serial(
    `${mode}: a node takes another snapshot for one that its peer has deleted`,
    async (t) => {
      await withTempDir(async (dir) => {
        const node = new AgdNode({
          home: await bootedHome(dir),
          mode: other(mode),
          ports: await nodePorts(),
          args: [
            ...['--state-sync.snapshot-interval', '3'],
            ...['--state-sync.snapshot-keep-recent', '1'],
          ],
        });
        let joining: AgdNode | undefined;
        try {
          await node.line((line) =>
            said(line).startsWith('snapshots are deleted before')
              ? true
              : undefined,
          );
          const made = await snapshotMade(node);
          const home = await followerHome(dir, node);
          await trust(home, node);
          // By the end of this time the first offer is deleted.
          await runAgd(home, [
            ...['config', 'set', 'config'],
            ...['statesync.discovery_time', '15s'],
          ]);
          joining = new AgdNode({ home, mode, ports: await nodePorts() });
          const gone = await joining.line((line) =>
            said(line).startsWith('the peers no longer have the snapshot')
              ? Number(logEntry(line)?.['height'])
              : undefined,
          );
          t.true(gone >= made);
          t.true((await joining.height(1)) > gone);
          t.deepEqual(await joining.stop(), { code: 98, signal: null });
        } finally {
          await Promise.all([node.kill(), joining?.kill()]);
        }
      });
    },
  );

  test.serial(
    `${mode}: a stop during a snapshot leaves no part of it`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          args: makesSnapshots,
        });
        try {
          await node.line((line) =>
            said(line) === 'creating state snapshot' ? true : undefined,
          );
          const below = descendants(node.pid).map(({ pid }) => pid);
          t.deepEqual(await node.stop(), { code: 98, signal: null });
          await gone(below);
        } finally {
          await node.kill();
        }
        t.false((await readdir(join(home, 'data'))).includes('vm-tmp'));
        const snapshots = join(home, 'data', 'snapshots');
        t.deepEqual(await readdir(snapshots), ['metadata.db']);
        t.deepEqual(
          processes().filter(({ command }) => command.includes(dir)),
          [],
        );
      });
    },
  );

  test.serial(
    `${mode}: a home restores a snapshot from a file and continues`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const ports = await nodePorts();
        const options = { home, ports, mode: other(mode) };
        let node = new AgdNode({ ...options, args: makesSnapshots });
        let restored: AgdNode | undefined;
        try {
          t.is(await act(node, '1'), '{"actions":1,"last":"1"}');
          const made = String(await snapshotMade(node));
          await node.stop();
          const file = join(dir, 'snapshot.tar.gz');
          const [, format = ''] =
            new RegExp(`height: ${made} format: (\\d+) `).exec(
              await runAgd(home, ['snapshots', 'list']),
            ) ?? [];
          await runAgd(home, ['snapshots', 'dump', made, format, '-o', file]);

          node = new AgdNode(options);
          const fresh = await followerHome(dir, node);
          await trust(fresh, node);
          await runAgd(fresh, ['snapshots', 'load', file]);
          const split = `--split=${String(mode === 'split')}`;
          await runAgd(fresh, ['snapshots', 'restore', made, format, split]);
          await expectRefusal(
            t,
            ['start', '--home', fresh, split],
            /has a chain's store at height \d+, but no block: a state-sync did not end; reset with/,
          );
          await expectRefusal(
            t,
            ['snapshots', 'restore', made, format, split, '--home', fresh],
            /has a chain's store already, at height/,
          );
          await expectRefusal(
            t,
            ['comet', 'bootstrap-state', '--height', '1', '--home', fresh],
            /--height 1: both stores are at height/,
          );
          await runAgd(fresh, ['comet', 'bootstrap-state']);
          const own = { home: fresh, ports: await nodePorts() };
          restored = new AgdNode({
            ...own,
            mode,
            args: [...makesSnapshots, ...prunes],
          });
          t.is(await restored.height(1), Number(made) + 1);
          t.is(await act(node, '2', restored), '{"actions":2,"last":"2"}');
          await pruned(restored, Number(made) + 1);
          // It continues in either mode, without another state-sync.
          t.deepEqual(await restored.stop(), { code: 98, signal: null });
          const last = restored.committed();
          restored = new AgdNode({ ...own, mode: other(mode) });
          t.is(await restored.height(1), last + 1);
        } finally {
          await Promise.all([node.kill(), restored?.kill()]);
        }
      });
    },
  );
}
