import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import { contents, exportArgs } from '../support/export.js';
import { signedDecision } from '../support/governance.js';
import {
  coreConfig,
  followerFrom,
  followerHome,
  freshHome,
  withTempDir,
} from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd, said } from '../support/node.js';
import { agd, formerAgd, root, upgradedAgd } from '../support/paths.js';
import { published } from '../support/published.js';
import { Process } from '../support/process.js';
import { makesSnapshots, snapshotMade, trust } from '../support/state-sync.js';
import {
  chainBeforeUpgrade,
  upgradeAt,
  type UpgradingChain,
} from '../support/upgrades.js';

/** `make test-former` runs these; it builds the former release first. */
const withFormer = existsSync(formerAgd) ? test.serial : test.serial.skip;

let dir = '';
let chain: UpgradingChain = { home: '', height: 0 };

test.before(async () => {
  if (!existsSync(formerAgd)) return;
  dir = await mkdtemp(join(tmpdir(), 'agd-former-'));
  chain = await chainBeforeUpgrade(dir, 'next', formerAgd);
});

test.after.always(async () => {
  if (dir !== '') await rm(dir, { recursive: true, force: true });
});

/** Resolves when the upgrade has ended a node. */
async function meetsUpgrade(
  t: ExecutionContext,
  node: AgdNode,
  height = chain.height,
): Promise<void> {
  const needed = `UPGRADE "next" NEEDED at height: ${String(height)}`;
  await node.line((line) => said(line).includes(needed) || undefined);
  t.deepEqual(await node.exited, { code: 99, signal: null });
}

/** The chain has IBC. */
async function hasIbc(t: ExecutionContext, node: AgdNode): Promise<void> {
  const params = await node.agd(
    ...['query', 'ibc', 'client', 'params', '--output', 'json'],
  );
  t.deepEqual(JSON.parse(params), { allowed_clients: ['*'] });
}

withFormer(
  'a chain of the former release gains the stores of IBC by an upgrade, at which both nodes change their mode',
  async (t) => {
    await withTempDir(async (temp) => {
      const home = join(temp, 'leader');
      await cp(chain.home, home, { recursive: true });
      const options = { home, ports: await nodePorts() };
      let binary = formerAgd;
      let leader = new AgdNode({ ...options, binary, mode: 'split' });
      let follower: AgdNode | undefined;
      try {
        const own = {
          home: await followerFrom(temp, chain.home, leader),
          ports: await nodePorts(),
        };
        follower = new AgdNode({ ...own, binary, mode: 'in-process' });
        await meetsUpgrade(t, leader);

        // A build that carries out no upgrade changes nothing.
        leader = new AgdNode({ ...options, mode: 'in-process' });
        t.deepEqual(await leader.exited, { code: 1, signal: null });
        t.regex(
          leader.stderr.join('\n'),
          /is of another release: it lacks the store "(authz|evidence)": run the release that made it, until the network's upgrade/,
        );

        binary = upgradedAgd;
        leader = new AgdNode({ ...options, binary, mode: 'in-process' });
        await meetsUpgrade(t, follower);
        follower = new AgdNode({ ...own, binary, mode: 'split' });
        const last = chain.height + 3;
        await Promise.all([leader.height(last), follower.height(last)]);
        for (const node of [leader, follower]) await hasIbc(t, node);
        for (const height of [chain.height, chain.height + 1, last - 1]) {
          t.is(await follower.appHash(height), await leader.appHash(height));
        }
        await leader.stop();
        leader = new AgdNode({ ...options, binary, mode: 'split' });
        t.true((await leader.height(last + 1)) > last);
      } finally {
        await Promise.all([leader.kill(), follower?.kill()]);
      }
    });
  },
);

/** A block was signed by this many validators. */
async function signedBy(
  t: ExecutionContext,
  node: AgdNode,
  height: number,
  validators: number,
): Promise<void> {
  const { signed_header: signed } = await node.rpc<{
    signed_header: { commit: { signatures: { block_id_flag: number }[] } };
  }>(`commit?height=${String(height)}`);
  const present = signed.commit.signatures.filter(
    ({ block_id_flag: flag }) => flag === 2,
  );
  t.is(present.length, validators, `block ${String(height)}`);
}

withFormer(
  'a chain of the former release with Agoric’s core and a validator of each mode upgrades in place, and runs the plan’s core proposal',
  async (t) => {
    t.timeout(20 * 60_000, 'the core boots, and starts five times');
    await withTempDir(async (temp) => {
      const home = await freshHome(temp, {
        agd: formerAgd,
        bootstrapVatConfig: coreConfig,
      });
      const options = { home, ports: await nodePorts() };
      let binary = formerAgd;
      let leader = new AgdNode({ ...options, binary, mode: 'split' });
      let follower: AgdNode | undefined;
      try {
        await leader.booted();
        await leader.height(2);
        await leader.stop();
        const begun = join(temp, 'begun');
        await cp(home, begun, { recursive: true });
        leader = new AgdNode({ ...options, binary, mode: 'split' });
        const own = {
          home: await followerFrom(temp, begun, leader),
          ports: await nodePorts(),
        };
        follower = new AgdNode({ ...own, binary, mode: 'in-process' });

        // Neither validator makes a block alone.
        await leader.pids();
        await leader.tx('bank', 'send', 'alice', 'bob', '400000000000ubld');
        const validator = join(temp, 'validator.json');
        const pubkey = await runAgd(own.home, ['comet', 'show-validator']);
        await writeFile(
          validator,
          JSON.stringify({
            pubkey: JSON.parse(pubkey) as unknown,
            amount: '390000000000ubld',
            moniker: 'follower',
            'commission-rate': '0.1',
            'commission-max-rate': '0.2',
            'commission-max-change-rate': '0.01',
            'min-self-delegation': '1',
          }),
        );
        await follower.height(leader.committed());
        const creating = ['staking', 'create-validator', validator];
        await leader.tx(...creating, '--from', 'bob', '--gas', '500000');
        const bonded = await leader.height(leader.committed() + 3);
        await signedBy(t, leader, bonded, 2);

        const height = leader.committed() + 60;
        const proposal = join(
          root,
          'packages/vats/test/fixture-core-proposal.js',
        );
        const plan = upgradeAt('next', height, { coreProposals: [proposal] });
        const at = ['--node', `tcp://127.0.0.1:${String(options.ports.rpc)}`];
        await leader.tx('broadcast', await signedDecision(home, plan, 1, at));
        // The node that meets the upgrade first may end before the other one has
        // its vote for the block. The other one then gets it from its successor.
        const meeting = [leader, follower].map(async (node, i) => {
          await meetsUpgrade(t, node, height);
          return i;
        });
        binary = upgradedAgd;
        const successors = [
          (): void => {
            leader = new AgdNode({ ...options, binary, mode: 'in-process' });
          },
          (): void => {
            follower = new AgdNode({ ...own, binary, mode: 'split' });
          },
        ];
        const first = await Promise.race(meeting);
        successors[first]?.();
        await meeting[1 - first];
        successors[1 - first]?.();
        t.regex(await published(leader, 'published.upgraded', /next/), /next/);
        const last = await leader.height(leader.committed() + 2);
        await Promise.all([leader.height(last + 1), follower.height(last + 1)]);
        t.regex(await follower.vstorage('published.upgraded'), /next/);
        for (const node of [leader, follower]) await hasIbc(t, node);
        for (const each of [height, height + 1, last]) {
          t.is(await follower.appHash(each), await leader.appHash(each));
        }
        await signedBy(t, leader, last, 2);
      } finally {
        await Promise.all([leader.kill(), follower?.kill()]);
      }
    });
  },
);

for (const mode of modes) {
  const other = mode === 'split' ? 'in-process' : 'split';

  withFormer(
    `${mode}: a chain that has upgraded gives its snapshots to a new node of the other mode, and starts again from its export`,
    async (t) => {
      await withTempDir(async (temp) => {
        const home = join(temp, 'home');
        await cp(chain.home, home, { recursive: true });
        const options = { home, ports: await nodePorts() };
        let node = new AgdNode({ ...options, mode, binary: formerAgd });
        let joining: AgdNode | undefined;
        try {
          await meetsUpgrade(t, node);
          const binary = upgradedAgd;
          node = new AgdNode({
            ...{ ...options, binary, mode },
            args: makesSnapshots,
          });
          const made = await snapshotMade(node);
          t.true(made >= chain.height);
          const fresh = await followerHome(temp, node);
          await trust(fresh, node);
          const ports = await nodePorts();
          joining = new AgdNode({ home: fresh, ports, binary, mode: other });
          const first = await joining.height(1);
          t.true(first > made);
          await hasIbc(t, joining);
          const last = await node.height(first + 2);
          await joining.height(last);
          t.is(await joining.appHash(last - 1), await node.appHash(last - 1));
          await Promise.all([node.stop(), joining.stop()]);

          // Both modes, and both builds, export the same.
          const dirs = [join(temp, 'exported'), join(temp, 'exported-other')];
          for (const [i, dir] of dirs.entries()) {
            const args = exportArgs(home, i === 0 ? mode : other, dir);
            const made = new Process(i === 0 ? binary : agd, args);
            const exit = await made.exited;
            t.deepEqual(
              exit,
              { code: 0, signal: null },
              made.stderr.join('\n'),
            );
          }
          t.deepEqual(await contents(dirs[0]!), await contents(dirs[1]!));
          await runAgd(home, ['comet', 'unsafe-reset-all']);
          await cp(dirs[0]!, join(home, 'config'), { recursive: true });
          const height = node.committed() + 1;
          node = new AgdNode({ ...options, mode: other });
          t.is(await node.height(1), height);
          await hasIbc(t, node);
        } finally {
          await Promise.all([node.kill(), joining?.kill()]);
        }
      });
    },
  );
}
