import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { readJson, restart, type Manifest } from '../support/export.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  runAgd,
  startArgs,
  type Mode,
} from '../support/node.js';
import { expectRefusal } from '../support/refusal.js';

const other = (mode: Mode): Mode => (mode === 'split' ? 'in-process' : 'split');

/** Runs a node for `use`, then stops it; returns its last height. */
async function running(
  home: string,
  mode: Mode,
  use: (node: AgdNode) => Promise<void>,
): Promise<number> {
  const node = new AgdNode({ home, mode, ports: await nodePorts() });
  try {
    await use(node);
    await node.stop();
    return node.committed();
  } finally {
    await node.kill();
  }
}

/**
 * Sends an action of bob's, which the vat counts; returns the vat's published
 * record.
 */
async function act(node: AgdNode, text: string): Promise<string> {
  const bob = await address(node.options.home, 'bob');
  const command = ['swingset', 'wallet-action', text, '--from', 'bob'];
  await node.height(await node.tx(...command));
  return node.vstorage(`published.wallet.${bob}`);
}

async function editGenesis(
  home: string,
  edit: (genesis: {
    initial_height: number;
    app_state: { swingset: Record<string, unknown> };
  }) => void,
): Promise<void> {
  const file = join(home, 'config', 'genesis.json');
  const genesis = JSON.parse(await readFile(file, 'utf8')) as Parameters<
    typeof edit
  >[0];
  edit(genesis);
  await writeFile(file, JSON.stringify(genesis));
}

for (const mode of modes) {
  test.serial(
    `${mode}: a chain starts from an export of the other mode with its kernel unchanged`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const last = await running(home, other(mode), async (node) => {
          t.is(await act(node, '1'), '{"actions":1,"last":"1"}');
        });
        await restart(t, dir, home, other(mode));
        const height = await running(home, mode, async (node) => {
          t.is(await node.height(1), last + 1);
          t.is(await act(node, '2'), '{"actions":2,"last":"2"}');
        });
        // Either mode continues, and a new export is consistent.
        await running(home, other(mode), async (node) => {
          await node.height(height + 1);
        });
        await restart(t, dir, home, mode);
        await editGenesis(home, (genesis) => {
          genesis.initial_height = 1;
        });
        await running(home, other(mode), async (node) => {
          t.is(await node.height(1), 1);
          t.is(await act(node, '3'), '{"actions":3,"last":"3"}');
        });
      });
    },
  );

  test.serial(
    `${mode}: a death before the first commit restores the kernel once more`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        await restart(t, dir, home, other(mode));
        // After a death in the first block, CometBFT continues only if its
        // height is 1.
        await editGenesis(home, (genesis) => {
          genesis.initial_height = 1;
        });
        const ports = await nodePorts();
        const env = { AGD_TEST_PAUSE_AT: 'after-commit-block@1' };
        const node = new AgdNode({ home, mode, ports, env });
        try {
          await node.line((line) =>
            line.includes('paused for a test') ? true : undefined,
          );
        } finally {
          await node.kill();
        }
        await running(home, mode, async (again) => {
          t.is(await again.height(1), 1);
          t.is(await act(again, '1'), '{"actions":1,"last":"1"}');
        });
      });
    },
  );

  test.serial(
    `${mode}: a bad export is refused with the reason, and the next start from a good one works`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        await restart(t, dir, home, mode);
        const store = join(home, 'config', 'swing-store');
        const manifest = await readJson<Manifest>(
          store,
          'export-manifest.json',
        );
        const data = join(store, 'export-data.jsonl');
        const snapshot = manifest.artifacts.find(([name]) =>
          name.startsWith('snapshot.'),
        );
        const artifact = join(store, snapshot![1]);
        const start = startArgs({ home, mode, ports: await nodePorts() });

        await rename(store, join(dir, 'elsewhere'));
        await expectRefusal(
          t,
          start,
          /the genesis needs the kernel's store, exported, in .*swing-store: .*no such file/,
        );
        await rename(join(dir, 'elsewhere'), store);

        const whole = await readFile(data);
        await appendFile(data, '["kv.more","1"]\n');
        await expectRefusal(
          t,
          start,
          /export-data\.jsonl is not of this genesis: its hash is sha256:[0-9a-f]{64}, the genesis has sha256:/,
        );
        await writeFile(data, whole);

        const kept = await readFile(artifact);
        await rm(artifact);
        await expectRefusal(t, start, /swing-store: .*no such file/);
        await writeFile(artifact, kept.subarray(0, kept.length - 1));
        await expectRefusal(
          t,
          start,
          /the kernel's store could not be restored from .*swing-store: .*snapshot .* hash is /,
          { code: 99 },
        );
        await writeFile(artifact, kept);

        await editGenesis(home, ({ app_state: { swingset } }) => {
          swingset['kernel_store'] = [{ key: 'a', value: '1' }];
        });
        await running(home, mode, async (node) => {
          t.is(await act(node, '1'), '{"actions":1,"last":"1"}');
        });
        const { app_state: state } = JSON.parse(
          await runAgd(home, ['export']),
        ) as { app_state: { swingset: { kernel_store: unknown } } };
        t.deepEqual(state.swingset.kernel_store, [{ key: 'a', value: '1' }]);
      });
    },
  );
}
