import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import { followerFrom, withTempDir } from '../support/homes.js';
import { AgdNode, nodePorts, said } from '../support/node.js';
import { formerAgd, upgradedAgd } from '../support/paths.js';
import {
  chainBeforeUpgrade,
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

withFormer(
  'a chain of the former release gains the stores of IBC by an upgrade, at which both nodes change their mode',
  async (t) => {
    await withTempDir(async (temp) => {
      const home = join(temp, 'leader');
      await cp(chain.home, home, { recursive: true });
      const options = { home, ports: await nodePorts() };
      const meetsUpgrade = async (node: AgdNode): Promise<void> => {
        const needed = `UPGRADE "next" NEEDED at height: ${String(chain.height)}`;
        await node.line((line) => said(line).includes(needed) || undefined);
        t.deepEqual(await node.exited, { code: 99, signal: null });
      };
      let binary = formerAgd;
      let leader = new AgdNode({ ...options, binary, mode: 'split' });
      let follower: AgdNode | undefined;
      try {
        const own = {
          home: await followerFrom(temp, chain.home, leader),
          ports: await nodePorts(),
        };
        follower = new AgdNode({ ...own, binary, mode: 'in-process' });
        await meetsUpgrade(leader);

        // A build that carries out no upgrade changes nothing.
        leader = new AgdNode({ ...options, mode: 'in-process' });
        t.deepEqual(await leader.exited, { code: 1, signal: null });
        t.regex(
          leader.stderr.join('\n'),
          /is of another release: it lacks the store "(authz|evidence)": run the release that made it, until the network's upgrade/,
        );

        binary = upgradedAgd;
        leader = new AgdNode({ ...options, binary, mode: 'in-process' });
        await meetsUpgrade(follower);
        follower = new AgdNode({ ...own, binary, mode: 'split' });
        const last = chain.height + 3;
        await Promise.all([leader.height(last), follower.height(last)]);
        for (const node of [leader, follower]) {
          const params = await node.agd(
            ...['query', 'ibc', 'client', 'params', '--output', 'json'],
          );
          t.deepEqual(JSON.parse(params), { allowed_clients: ['*'] });
        }
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
