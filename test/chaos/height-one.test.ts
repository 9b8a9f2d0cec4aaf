/**
 * A full node is killed in the first block. Its kernel's store may then be
 * ahead of an empty chain. The validator that it follows is never interrupted
 * and determines the expected state. `make test-chaos` tests all points in both
 * modes (CHAOS_HEIGHT_ONE=all).
 */
import { setTimeout } from 'node:timers/promises';

import test from 'ava';

import { bootedHome, followerHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, type Mode } from '../support/node.js';
import { connected, otherMode, paused, points } from './chain.js';
import { ownAppHash } from './judge.js';

interface Case {
  readonly mode: Mode;
  /** `booting`: while the kernel boots. */
  readonly at: (typeof points)[number] | 'init' | 'booting';
}

const all: readonly Case[] = modes.flatMap((mode) =>
  (['booting', 'init', ...points] as const).map((at) => ({ mode, at })),
);
const few: readonly Case[] = [
  { mode: 'split', at: 'after-commit-block' },
  { mode: 'in-process', at: 'after-chain-commit' },
];

for (const { mode, at } of process.env['CHAOS_HEIGHT_ONE'] === 'all'
  ? all
  : few) {
  test.serial(
    `${mode}, killed in its first block, ${at}: goes on ${otherMode(mode)} to the same app hashes`,
    async (t) => {
      t.timeout(10 * 60_000);
      await withTempDir(async (dir) => {
        const leader = new AgdNode({
          home: await bootedHome(dir),
          mode: 'split',
          ports: await nodePorts(),
        });
        try {
          await leader.height(4);
          const home = await followerHome(dir, leader);
          const ports = await nodePorts();
          const first = new AgdNode({
            ...{ home, ports, mode },
            env: { AGD_TEST_PAUSE_AT: at === 'booting' ? '' : `${at}@1` },
          });
          try {
            await connected(first);
            if (at === 'booting') await setTimeout(5000);
            else t.is(await paused(first), 1);
          } finally {
            await first.kill();
          }
          const again = new AgdNode({ home, ports, mode: otherMode(mode) });
          try {
            await again.height(4);
            for (const height of [1, 2, 3]) {
              t.is(
                await ownAppHash(again, height),
                await ownAppHash(leader, height),
                `app hash at height ${String(height)}`,
              );
            }
            t.deepEqual(await again.stop(), { code: 98, signal: null });
          } finally {
            await again.kill();
          }
        } finally {
          await leader.kill();
        }
      });
    },
  );
}
