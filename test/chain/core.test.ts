import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import {
  bootedHome,
  chainId,
  followerHome,
  withTempDir,
} from '../support/homes.js';
import { AgdNode, nodePorts } from '../support/node.js';
import { root } from '../support/paths.js';

const run = promisify(execFile);

/** What Agoric's own client reads of a node. */
async function readNames(node: AgdNode): Promise<unknown> {
  const client = join(root, 'test', 'clients', 'fixture-agoric.mjs');
  await node.listening();
  const { stdout } = await run('node', [client, node.rpcUrl, chainId]);
  return JSON.parse(stdout);
}

test.serial(
  "Agoric's core boots in both modes to the same app hash, and Agoric's client reads both",
  async (t) => {
    t.timeout(20 * 60_000, 'the core boots twice');
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir, 'core');
      const leader = new AgdNode({
        home,
        mode: 'split',
        ports: await nodePorts(),
      });
      let follower: AgdNode | undefined;
      try {
        follower = new AgdNode({
          home: await followerHome(dir, leader),
          mode: 'in-process',
          ports: await nodePorts(),
        });
        await follower.booted();
        t.is((await follower.pids()).mode, 'in-process');

        const last = leader.committed();
        await Promise.all([leader.height(last + 1), follower.height(last + 1)]);
        for (const height of [1, 2, 3, last]) {
          t.is(
            await follower.appHash(height),
            await leader.appHash(height),
            `app hash at height ${String(height)}`,
          );
        }
        const names = await readNames(follower);
        t.deepEqual(names, {
          brands: ['BLD', 'IST', 'Invitation', 'timer'],
          instances: [
            'econCommitteeCharter',
            'economicCommittee',
            'provisionPool',
            'walletFactory',
          ],
        });
        t.deepEqual(await readNames(leader), names);
      } finally {
        await Promise.all([leader.kill(), follower?.kill()]);
      }
    });
  },
);
