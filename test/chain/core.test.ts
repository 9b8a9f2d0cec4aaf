import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import {
  bootedFollower,
  bootedHome,
  chainId,
  followerHome,
  withTempDir,
} from '../support/homes.js';
import { layOut, runShell, shellBlock } from '../support/docs.js';
import { signedDecision } from '../support/governance.js';
import { AgdNode, address, nodePorts, said } from '../support/node.js';
import { root, upgradedAgd } from '../support/paths.js';
import { published } from '../support/published.js';
import { upgradeAt } from '../support/upgrades.js';

const run = promisify(execFile);

/** The names that Agoric's own client reads from a node. */
async function readNames(node: AgdNode): Promise<unknown> {
  const client = join(root, 'test', 'chain', 'fixture-agoric.mjs');
  await node.listening();
  const { stdout } = await run('node', [client, node.rpcUrl, chainId]);
  return JSON.parse(stdout);
}

/**
 * Runs docs/commands.md's sequence on a node: alice gets a smart wallet, which
 * makes an offer. The generated genesis funds it. @throws Error if the offer is
 * not satisfied
 */
async function useWallet(dir: string, node: AgdNode): Promise<void> {
  await node.pids(); // the kernel runs: a transaction would wait for it
  await node.listening();
  await layOut(dir, '.agd-core', node.options);
  const sequence = await shellBlock('docs/commands.md', 'provision-one alice');
  const shown = await runShell(dir, sequence);
  if (!/numWantsSatisfied: 1\b/.test(shown)) throw new Error(shown);
}

/** Resolves once a node takes transactions. */
async function caughtUp(node: AgdNode): Promise<void> {
  for (;;) {
    const { sync_info: sync } = await node.rpc<{
      sync_info: { catching_up: boolean };
    }>('status');
    if (!sync.catching_up) return;
    await node.height(node.committed() + 1);
  }
}

/** Lets alice's wallet make an offer as docs/commands.md does; her key is in a home's keyring. */
async function offer(node: AgdNode, keys: string, id: string): Promise<void> {
  const action = {
    method: 'executeOffer',
    offer: {
      id,
      invitationSpec: {
        source: 'agoricContract',
        instancePath: ['automaticRefund'],
        callPipe: [['makeInvitation']],
      },
      proposal: {},
    },
  };
  const text = JSON.stringify({
    body: `#${JSON.stringify(action)}`,
    slots: [],
  });
  await node.tx(
    ...['swingset', 'wallet-action', text, '--allow-spend'],
    ...['--keyring-dir', keys, '--keyring-backend', 'test'],
    ...['--from', 'alice', '--gas', '1000000'],
  );
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
        await useWallet(dir, leader);
        const alice = await address(home, 'alice');
        await follower.booted();
        t.is((await follower.pids()).mode, 'in-process');
        await caughtUp(follower);
        const wallet = `published.wallet.${alice}`;
        await published(follower, `${wallet}.current`, /purses/);
        await offer(follower, home, 'through in-process');
        for (const node of [leader, follower]) {
          const satisfied = /through in-process.*numWantsSatisfied.*accepted/s;
          t.notRegex(await published(node, wallet, satisfied), /error/);
        }

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
            'automaticRefund',
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

test.serial(
  "a chain upgrades in both modes, each node goes on in the other, and Agoric's core runs the plan's core proposal",
  async (t) => {
    t.timeout(10 * 60_000, 'the core starts four times');
    await withTempDir(async (dir) => {
      const proposal = join(
        root,
        'packages/vats/test/fixture-core-proposal.js',
      );
      const options = {
        home: await bootedHome(dir, 'core'),
        ports: await nodePorts(),
      };
      let leader = new AgdNode({ ...options, mode: 'split' });
      let follower: AgdNode | undefined;
      try {
        const own = {
          home: await bootedFollower(dir, leader, 'core'),
          ports: await nodePorts(),
        };
        follower = new AgdNode({ ...own, mode: 'in-process' });
        await leader.pids();
        const height = leader.committed() + 60;
        const plan = upgradeAt('next', height, { coreProposals: [proposal] });
        const at = ['--node', `tcp://127.0.0.1:${String(options.ports.rpc)}`];
        const { home } = options;
        await leader.tx('broadcast', await signedDecision(home, plan, 1, at));
        const meetsUpgrade = async (node: AgdNode): Promise<void> => {
          const needed = `UPGRADE "next" NEEDED at height: ${String(height)}`;
          await node.line((line) => said(line).includes(needed) || undefined);
          t.deepEqual(await node.exited, { code: 99, signal: null });
        };
        const binary = upgradedAgd;
        await meetsUpgrade(leader);
        // Both at once: a follower that is behind gets the last blocks from the
        // other node.
        leader = new AgdNode({ ...options, binary, mode: 'in-process' });
        await meetsUpgrade(follower);
        follower = new AgdNode({ ...own, binary, mode: 'split' });
        t.is(await leader.height(1), height);
        t.regex(await published(leader, 'published.upgraded', /next/), /next/);
        const last = await leader.height(leader.committed() + 1);
        await follower.height(last + 1);
        await leader.height(last + 1);
        t.regex(await follower.vstorage('published.upgraded'), /next/);
        for (const each of [height, last]) {
          t.is(await follower.appHash(each), await leader.appHash(each));
        }
      } finally {
        await Promise.all([leader.kill(), follower?.kill()]);
      }
    });
  },
);
