import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import { withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, said, type Mode } from '../support/node.js';
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

/** Runs the former release in a mode until the upgrade ends it. */
async function meetUpgrade(
  t: ExecutionContext,
  home: string,
  mode: Mode,
): Promise<void> {
  const ports = await nodePorts();
  const node = new AgdNode({ home, mode, ports, binary: formerAgd });
  try {
    const needed = `UPGRADE "next" NEEDED at height: ${String(chain.height)}`;
    await node.line((line) => said(line).includes(needed) || undefined);
    t.deepEqual(await node.exited, { code: 99, signal: null });
  } finally {
    await node.kill();
  }
}

const hashes = new Map<Mode, readonly string[]>();

for (const mode of modes) {
  withFormer(
    `${mode}: a chain of the former release gains the stores of IBC by an upgrade`,
    async (t) => {
      await withTempDir(async (temp) => {
        const home = join(temp, 'home');
        await cp(chain.home, home, { recursive: true });
        await meetUpgrade(t, home, mode);

        const options = { home, mode, ports: await nodePorts() };
        const unnamed = new AgdNode(options);
        try {
          t.deepEqual(await unnamed.exited, { code: 1, signal: null });
          t.regex(
            unnamed.stderr.join('\n'),
            /is of another release: it lacks the store "evidence": run the release that made it, until the network's upgrade/,
          );
        } finally {
          await unnamed.kill();
        }

        let node = new AgdNode({ ...options, binary: upgradedAgd });
        try {
          const last = chain.height + 3;
          await node.height(last);
          const params = await node.agd(
            ...['query', 'ibc', 'client', 'params', '--output', 'json'],
          );
          t.deepEqual(JSON.parse(params), { allowed_clients: ['*'] });
          const heights = [chain.height, chain.height + 1, chain.height + 2];
          hashes.set(
            mode,
            await Promise.all(heights.map((height) => node.appHash(height))),
          );
          await node.stop();
          node = new AgdNode({ ...options, binary: upgradedAgd });
          t.true((await node.height(last + 1)) > last);
        } finally {
          await node.kill();
        }
      });
    },
  );
}

withFormer('the app hash of the upgrade is the same in both modes', (t) => {
  t.is(hashes.size, 2);
  t.is(hashes.get('split')?.[0], hashes.get('in-process')?.[0]);
});
