// Signals in the middle of a block action, to some or all processes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import test, { type ExecutionContext } from 'ava';

import { longAction, type LongAction } from '../support/action.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  type Mode,
} from '../support/node.js';
import { agd } from '../support/paths.js';
import { descendants, gone, workers } from '../support/process.js';

async function withNode(
  mode: Mode,
  use: (node: AgdNode, trace: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const trace = join(dir, 'trace.jsonl');
    const node = new AgdNode({
      home: await bootedHome(dir),
      mode,
      ports: await nodePorts(),
      args: ['--bridge-trace', trace],
    });
    try {
      await use(node, trace);
    } finally {
      await node.kill();
    }
  });
}

const published = async (node: AgdNode): Promise<string> =>
  node.vstorage(`published.bank.${await address(node.options.home, 'bob')}`);

/**
 * After a stop in the middle of a block action, the node restarts and makes the
 * block, and its vat continues.
 */
async function recovers(
  t: ExecutionContext,
  node: AgdNode,
  { height, txhash }: LongAction,
): Promise<void> {
  t.is(node.committed(), height - 1, 'the block was not committed');
  const again = new AgdNode({ ...node.options, args: [] });
  try {
    await again.height(height);
    const found = JSON.parse(await again.waitTx(txhash)) as { height: string };
    t.is(Number(found.height), height, 'the transaction is in that block');
    t.is(await published(again), '{"ubld":"1000000","uist":"7"}');
    const bob = await address(again.options.home, 'bob');
    await again.tx('bank', 'send', 'alice', bob, '5uist');
    t.is(await published(again), '{"ubld":"1000000","uist":"12"}');
    t.deepEqual(await again.stop(), { code: 98, signal: null });
  } finally {
    await again.kill();
  }
}

/** All processes of a node, its workers first. */
const everyone = (node: AgdNode): number[] =>
  [node.pid, ...descendants(node.pid).map((row) => row.pid)].reverse();

/** The process may have exited on the first signal. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** An agd that must outlive its terminal, as with nohup. */
async function withoutHangup(dir: string): Promise<string> {
  const file = join(dir, 'agd-nohup');
  const script = `#!/bin/sh\ntrap "" HUP\nexec "${agd}" "$@"\n`;
  await writeFile(file, script, { mode: 0o755 });
  return file;
}

for (const mode of modes) {
  test.serial(
    `${mode}: a node whose output has no reader continues, and below nohup SIGHUP does nothing`,
    async (t) => {
      await withTempDir(async (dir) => {
        const node = new AgdNode({
          home: await bootedHome(dir),
          mode,
          ports: await nodePorts(),
          binary: await withoutHangup(dir),
        });
        try {
          await node.pids();
          await node.listening();
          node.stopReading();
          const bob = await address(node.options.home, 'bob');
          const before = await node.tx('bank', 'send', 'alice', bob, '7uist');
          for (const pid of everyone(node)) {
            const isWorkers = workers(pid).length === 0;
            if (pid === node.pid || !isWorkers) process.kill(pid, 'SIGHUP');
          }
          const after = await node.tx('bank', 'send', 'alice', bob, '5uist');
          t.true(after > before);
          t.is(await published(node), '{"ubld":"1000000","uist":"12"}');
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        } finally {
          await node.kill();
        }
      });
    },
  );

  test.serial(
    `${mode}: Ctrl-C while an action runs: the action ends, and nothing is lost`,
    async (t) => {
      await withNode(mode, async (node, trace) => {
        const action = await longAction(node, trace, '7uist');
        const all = everyone(node);
        process.kill(-node.pid, 'SIGINT'); // as a terminal does
        await node.line((line) =>
          line.includes('"stopping: ') ? line : undefined,
        );
        t.deepEqual(everyone(node).sort(), all.sort(), 'all wait for it');
        action.release();
        t.deepEqual(await node.exited, { code: 98, signal: null });
        await gone(all);
        await recovers(t, node, action);
      });
    },
  );

  test.serial(
    `${mode}: a signal to every process, workers too, fails the action and is a stop`,
    async (t) => {
      await withNode(mode, async (node, trace) => {
        const action = await longAction(node, trace, '7uist');
        const all = everyone(node);
        // As systemd signals a control group.
        for (const signal of ['SIGTERM', 'SIGCONT'] as const) {
          for (const pid of all) signalIfThere(pid, signal);
        }
        t.deepEqual(await node.exited, { code: 98, signal: null });
        await gone(all);
        await recovers(t, node, action);
      });
    },
  );

  test.serial(
    `${mode}: a worker killed in an action fails it; the vat is not lost`,
    async (t) => {
      await withNode(mode, async (node, trace) => {
        const action = await longAction(node, trace, '7uist');
        const all = everyone(node);
        process.kill(action.worker, 'SIGKILL');
        t.deepEqual(await node.exited, { code: 99, signal: null });
        await gone(all);
        await recovers(t, node, action);
      });
    },
  );

  test.serial(`${mode}: a VM suspended for 10 s loses nothing`, async (t) => {
    await withNode(mode, async (node) => {
      const { vm } = await node.pids();
      const bob = await address(node.options.home, 'bob');
      process.kill(vm, 'SIGSTOP');
      const sent = node.tx('bank', 'send', 'alice', bob, '7uist');
      await setTimeout(10_000);
      process.kill(vm, 'SIGCONT');
      const height = await sent;
      t.is(await published(node), '{"ubld":"1000000","uist":"7"}');
      await node.height(height + 1);
      t.deepEqual(await node.stop(), { code: 98, signal: null });
    });
  });
}
