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
import { AgdNode, address, nodePorts } from '../support/node.js';
import { root } from '../support/paths.js';

const run = promisify(execFile);

/** What Agoric's own client reads of a node. */
async function readNames(node: AgdNode): Promise<unknown> {
  const client = join(root, 'test', 'chain', 'fixture-agoric.mjs');
  await node.listening();
  const { stdout } = await run('node', [client, node.rpcUrl, chainId]);
  return JSON.parse(stdout);
}

/** What is published at a path, once there is something that contains `wanted`. */
async function published(
  node: AgdNode,
  path: string,
  wanted: string,
): Promise<string> {
  for (let blocks = 0; blocks < 200; blocks += 1) {
    const data = await node.vstorage(path);
    if (data.includes(wanted)) return data;
    await node.height(node.committed() + 1);
  }
  throw new Error(`${path}: no ${wanted} in 200 blocks`);
}

/** Gives alice a smart wallet, and lets it make an offer that no contract takes. */
async function useWallet(node: AgdNode): Promise<void> {
  const { home } = node.options;
  const alice = await address(home, 'alice');
  const from = ['--from', 'alice', '--gas', '1000000'];
  const pool = JSON.parse(
    await node.agd(
      ...['query', 'auth', 'module-account', 'vbank/provision'],
      ...['--output', 'json'],
    ),
  ) as { account: { value: { address: string } } };
  await node.tx(
    ...['bank', 'send', 'alice', pool.account.value.address, '1000000uist'],
  );
  await node.tx(
    ...['swingset', 'provision-one', 'alice', alice, 'SMART_WALLET', ...from],
  );
  await published(node, `published.wallet.${alice}.current`, 'purses');
  const offer = {
    method: 'executeOffer',
    offer: {
      id: 'first',
      invitationSpec: { source: 'agoricContract', instancePath: ['nobody'] },
      proposal: {},
    },
  };
  const action = JSON.stringify({
    body: `#${JSON.stringify(offer)}`,
    slots: [],
  });
  await node.tx('swingset', 'wallet-action', action, '--allow-spend', ...from);
  await published(node, `published.wallet.${alice}`, 'first');
}

test.serial(
  "Agoric's core boots in both modes to the same app hash, a wallet is provisioned and acts, and Agoric's client reads both",
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
        await useWallet(leader);
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
