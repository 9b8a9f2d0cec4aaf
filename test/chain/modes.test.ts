import test from 'ava';

import { bootedHome, followerHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  runAgd,
  type Mode,
} from '../support/node.js';
import { oddTree, type OddTree } from '../support/odd-tree.js';

let tree: OddTree | undefined;
test.before(async () => {
  tree = await oddTree();
});
test.after.always(async () => tree?.remove());

const other = (mode: Mode): Mode => (mode === 'split' ? 'in-process' : 'split');

for (const mode of modes) {
  test.serial(
    `an ${other(mode)} full node, from a path with odd characters and with bundles made anew, follows a validator that runs ${mode}`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        // The follower makes its bundles in a minute or more, and then has all
        // blocks to catch up on that the leader has made by then.
        await runAgd(home, [
          ...['config', 'set', 'config', 'consensus.timeout_commit', '2s'],
        ]);
        const leader = new AgdNode({ home, mode, ports: await nodePorts() });
        let follower: AgdNode | undefined;
        try {
          await leader.height(3);
          follower = new AgdNode({
            home: await followerHome(dir, leader),
            mode: other(mode),
            ports: await nodePorts(),
            binary: tree!.agd,
          });
          const bob = await address(home, 'bob');
          await follower.booted(); // its bundles take a while
          let last = 0;
          for (const amount of [1, 20, 300]) {
            const coins = `${String(amount)}uist`;
            last = await leader.tx('bank', 'send', 'alice', bob, coins);
          }
          await Promise.all([
            leader.height(last + 1),
            follower.height(last + 1),
          ]);
          t.is((await follower.pids()).mode, other(mode));
          const anew = [follower, leader].map(
            ({ stdout, stderr }) =>
              [...stdout, ...stderr].filter((line) =>
                line.includes('cannot use the kept bundles of the kernel'),
              ).length,
          );
          t.deepEqual(anew, [1, 0], 'said once, by the one without them');
          for (let height = 1; height <= last; height += 1) {
            t.is(
              await follower.appHash(height),
              await leader.appHash(height),
              `app hash at height ${String(height)}`,
            );
          }
          const path = `published.bank.${bob}`;
          t.is(await follower.vstorage(path), await leader.vstorage(path));
          t.is(await leader.vstorage(path), '{"ubld":"1000000","uist":"321"}');
        } finally {
          await Promise.all([leader.kill(), follower?.kill()]);
        }
      });
    },
  );

  test.serial(
    `a node that ran ${mode} goes on ${other(mode)} from the same state`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const bob = await address(home, 'bob');
        const seen = new Map<number, string>();
        for (const [round, now] of [mode, other(mode), mode].entries()) {
          const node = new AgdNode({
            home,
            mode: now,
            ports: await nodePorts(),
          });
          try {
            t.is((await node.pids()).mode, now);
            for (const [height, hash] of seen) {
              t.is(await node.appHash(height), hash, 'its history is the same');
            }
            const height = await node.tx('bank', 'send', 'alice', bob, '5uist');
            await node.height(height + 1);
            t.is(
              await node.vstorage(`published.bank.${bob}`),
              `{"ubld":"1000000","uist":"${String(5 * (round + 1))}"}`,
            );
            seen.set(height, await node.appHash(height));
            t.deepEqual(await node.stop(), { code: 98, signal: null });
          } finally {
            await node.kill();
          }
        }
      });
    },
  );
}
