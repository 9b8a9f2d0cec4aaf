import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd } from '../support/node.js';
import { expectRefusal } from '../support/refusal.js';

for (const mode of modes) {
  test.serial(`${mode}: a pruned home continues`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const ports = await nodePorts();
      const node = async () => {
        const started = new AgdNode({ home, mode, ports });
        try {
          await started.pids();
          const last = await started.height(started.committed() + 3);
          t.deepEqual(await started.stop(), { code: 98, signal: null });
          return Math.max(last, started.committed());
        } finally {
          await started.kill();
        }
      };
      const before = await node();
      await runAgd(home, ['export', '--height', '1']); // it is still there
      await runAgd(home, ['prune', 'everything']);
      await expectRefusal(
        t,
        ['export', '--height', '1', '--home', home],
        /chain store: .*version/,
      );
      t.true((await node()) > before);
    });
  });

  test.serial(
    `${mode}: unsafe-reset-all resets the kernel with the chain, also with CometBFT's data elsewhere`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const ports = await nodePorts();
        await runAgd(home, ['config', 'set', 'config', 'db_dir', 'blocks']);
        await runAgd(home, ['comet', 'unsafe-reset-all']);
        const left = await readdir(join(home, 'data'));
        t.false(left.includes('agoric') || left.includes('application.db'));
        const node = new AgdNode({ home, mode, ports });
        try {
          await node.line((line) =>
            line.includes('Launching SwingSet kernel') ? true : undefined,
          );
          t.is(await node.height(1), 1, 'it began anew');
          await node.height(3);
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        } finally {
          await node.kill();
        }
        const apart = await readdir(join(home, 'blocks'));
        t.true(apart.includes('blockstore.db'));
        await runAgd(home, ['comet', 'unsafe-reset-all']);
        t.deepEqual(await readdir(join(home, 'data')), [
          'priv_validator_state.json',
        ]);
      });
    },
  );
}
