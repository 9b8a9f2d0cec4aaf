import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import test from 'ava';

import { pendingEndBlock } from '../support/action.js';
import { blockTime, bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, address, modes, nodePorts } from '../support/node.js';
import { workers } from '../support/process.js';
import { callsDuring, readTrace } from '../support/trace.js';

for (const mode of modes) {
  test.serial(
    `${mode}: a vat publishes the balance that a send changed`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const trace = join(dir, 'trace.jsonl');
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          args: ['--bridge-trace', trace],
        });
        try {
          const pids = await node.pids();
          t.is(pids.mode, mode);
          t.is(pids.agd, node.pid);
          t.is(pids.vm === pids.agd, mode === 'in-process');

          const bob = await address(home, 'bob');
          t.is(
            await node.vstorage(`published.bank.${bob}`),
            '{"ubld":"1000000"}',
          );
          const height = await node.tx(
            'bank',
            'send',
            'alice',
            bob,
            '1000uist',
          );
          await node.height(height);
          t.is(
            await node.vstorage(`published.bank.${bob}`),
            '{"ubld":"1000000","uist":"1000"}',
          );

          const during = callsDuring(
            await readTrace(trace),
            'swingset.EndBlock',
            height,
          );
          const order = during.findIndex(
            (call) =>
              call.method === 'vbank.GetBalance' &&
              JSON.stringify(call.params) ===
                JSON.stringify([{ address: bob, denom: 'uist' }]),
          );
          const written = during.findIndex(
            (call) =>
              call.method === 'vstorage.Set' &&
              JSON.stringify(call.params).includes(`published.bank.${bob}`),
          );
          t.is(during[0]?.method, 'swingset.EndBlock');
          t.true(order > 0, 'the vat asks for the balance in END_BLOCK');
          t.is(during[order]?.result, '1000');
          t.true(written > order, 'the vat writes after it asked');
        } finally {
          await node.kill();
        }
      });
    },
  );

  test.serial(
    `${mode}: while the vat's worker is stopped, the block waits and the old value stays`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const trace = join(dir, 'trace.jsonl');
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          args: ['--bridge-trace', trace],
        });
        try {
          const { vm } = await node.pids();
          const bob = await address(home, 'bob');
          const path = `published.bank.${bob}`;
          const before = await node.vstorage(path);
          const worker = workers(vm).find((row) =>
            row.command.includes('bootstrap'),
          );
          t.truthy(worker, 'the vat has a worker process');
          process.kill(worker!.pid, 'SIGSTOP');

          // Blocks without work for the vat continue; the block with the send
          // cannot end.
          const send = ['bank', 'send', 'alice', bob, '7uist', '--yes'];
          const sent = JSON.parse(
            await node.agd('tx', ...send, '--output', 'json'),
          ) as { txhash: string };
          const stuck = await pendingEndBlock(trace);
          await setTimeout(5 * blockTime);
          t.is(node.committed(), stuck - 1, 'the block waits');
          t.is(await node.vstorage(path), before, 'the old value stays');

          process.kill(worker!.pid, 'SIGCONT');
          const done = JSON.parse(await node.waitTx(sent.txhash)) as {
            height: string;
          };
          t.is(Number(done.height), stuck);
          await node.height(stuck);
          t.is(await node.vstorage(path), '{"ubld":"1000000","uist":"7"}');
        } finally {
          await node.kill();
        }
      });
    },
  );
}
