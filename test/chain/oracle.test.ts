import { join } from 'node:path';

import test from 'ava';

import { runOracle, type StorageWrite } from '../oracle/run.js';
import type { Balance } from '../oracle/scenario.js';
import { freshHome, withTempDir } from '../support/homes.js';
import { AgdNode, address, modes, nodePorts } from '../support/node.js';
import { calls, readTrace, type TracedCall } from '../support/trace.js';

/**
 * The balances of each VBANK_BALANCE_UPDATE that the kernel consumed from the
 * chain's queue.
 */
function updates(traced: readonly TracedCall[]): (readonly Balance[])[] {
  return traced.flatMap(({ method, params, result }) => {
    if (method !== 'vstorage.Get' || typeof result !== 'string') return [];
    if (!/^actionQueue\.\d+$/.test(String(params[0]))) return [];
    const { action } = JSON.parse(result) as {
      action: { type: string; updated: Balance[] };
    };
    return action.type === 'VBANK_BALANCE_UPDATE' ? [action.updated] : [];
  });
}

/**
 * The kernel's writes to the chain's storage, without the bookkeeping of its
 * queues.
 */
function writes(traced: readonly TracedCall[]): StorageWrite[] {
  return traced.flatMap(({ method, params }) =>
    method === 'vstorage.Set' ? (params as StorageWrite[]) : [],
  );
}

for (const mode of modes) {
  test.serial(
    `${mode}: the kernel writes what it writes in Agoric's own test kit`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        const trace = join(dir, 'trace.jsonl');
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          args: ['--bridge-trace', trace],
        });
        let traced: TracedCall[] = [];
        const bob = await address(home, 'bob');
        try {
          await node.height(1);
          const alice = await address(home, 'alice');
          const accounts = ['--keyring-backend', 'test'];
          await node.tx('bank', 'send', alice, bob, '11uist', ...accounts);
          await node.tx('bank', 'send', bob, alice, '5ubld', ...accounts);
          const last = await node.tx('bank', 'send', bob, alice, '11uist');
          await node.height(last);
          traced = calls(await readTrace(trace));
        } finally {
          await node.kill();
        }
        const ours = writes(traced);
        t.deepEqual(ours.at(-1)?.[0].includes('published.bank.'), true);
        t.deepEqual(
          ours.findLast(([path]) => path === `published.bank.${bob}`)?.[1],
          '{"ubld":"999995"}',
        );
        const blocks = updates(traced);
        t.true(blocks.length >= 4, 'genesis and three sends');
        t.deepEqual(ours, await runOracle({ genesis: [], blocks }));
      });
    },
  );
}
