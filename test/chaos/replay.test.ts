import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  modes,
  nodePorts,
  type NodeOptions,
} from '../support/node.js';
import {
  calls,
  callsDuring,
  readTrace,
  type TracedCall,
} from '../support/trace.js';
import {
  Payments,
  keepPaying,
  makePeers,
  otherMode,
  paused,
  twinHome,
  vatWorker,
} from './chain.js';
import { ownAppHash } from './judge.js';
import { descendants, gone } from '../support/process.js';

/**
 * Downcalls by module, each in order. The order of the swing-store's downcalls
 * among the others depends on timing.
 */
function byModule(calls: readonly TracedCall[]): Record<string, TracedCall[]> {
  const found: Record<string, TracedCall[]> = {};
  for (const call of calls) {
    const [module = ''] = call.method.split('.');
    (found[module] ??= []).push(call);
  }
  return found;
}

/** The downcalls of END_BLOCK in one run, each with its answer. */
async function downcalls(trace: string, height: number) {
  const calls = callsDuring(
    await readTrace(trace),
    'swingset.EndBlock',
    height,
  );
  return byModule(calls.filter(({ from }) => from === 'agvm'));
}

async function withNode<T>(
  options: NodeOptions,
  use: (node: AgdNode) => Promise<T>,
): Promise<T> {
  const node = new AgdNode(options);
  try {
    return await use(node);
  } finally {
    await node.kill();
  }
}

/** Makes blocks with work until the node is paused; returns the height. */
async function payUntilPaused(
  payments: Payments,
  node: AgdNode,
): Promise<number> {
  const paying = keepPaying(payments, node, 40);
  const height = await paused(node);
  await paying.stop();
  return height;
}

for (const mode of modes) {
  for (const again of [mode, otherMode(mode)]) {
    test.serial(
      `${mode}, killed between the two commits, then ${again}: the kernel repeats the block's downcalls, and has the same answers`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          const ports = await nodePorts();
          const payments = await Payments.from(home);
          const trace = (name: string): string => join(dir, name);
          const run = (name: string, pauseAt = '') => ({
            args: ['--bridge-trace', trace(name)],
            env: { AGD_TEST_PAUSE_AT: pauseAt },
            ...{ home, ports },
          });

          const height = await withNode(
            { ...run('interrupted', 'after-commit-block@12'), mode },
            async (node) => payUntilPaused(payments, node),
          );
          await withNode(
            { ...run('repeated', 'after-after-commit'), mode: again },
            async (node) => {
              t.is(await paused(node), height, 'the block is run again');
            },
          );
          const before = await downcalls(trace('interrupted'), height);
          t.true((before['vbank']?.length ?? 0) > 0, 'the block had work');
          t.deepEqual(await downcalls(trace('repeated'), height), before);

          // The first block of a process, whose kernel has loaded the previous
          // block's record.
          await withNode(
            { ...run('interrupted first', 'after-commit-block'), mode },
            async (node) => {
              t.is(await paused(node), height + 1);
            },
          );
          await withNode(
            { ...run('repeated first'), mode: again },
            async (node) => {
              t.is(await node.height(1), height + 1);
            },
          );
          t.deepEqual(
            await downcalls(trace('repeated first'), height + 1),
            await downcalls(trace('interrupted first'), height + 1),
          );
        });
      },
    );
  }
}

/** Resolves with the height of a block whose END_BLOCK has read an action and then hangs. */
async function hanging(trace: string): Promise<number> {
  for (let seen = 0; ;) {
    await setTimeout(500);
    const frames = await readTrace(trace);
    const last = calls(frames)
      .filter(({ from }) => from === 'agd')
      .at(-1);
    const { blockHeight } = (last?.params[0] ?? {}) as { blockHeight: number };
    if (
      frames.length === seen &&
      last?.method === 'swingset.EndBlock' &&
      last.result === undefined &&
      callsDuring(frames, last.method, blockHeight).some(({ params }) =>
        /^actionQueue\.\d+$/.test(String(params[0])),
      )
    ) {
      return blockHeight;
    }
    seen = frames.length;
  }
}

for (const mode of modes) {
  test.serial(
    `${mode}, killed inside END_BLOCK: the block is run again from the state before it`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const twin = await twinHome(dir, home);
        const [ports, twinPorts] = [await nodePorts(), await nodePorts()];
        await makePeers(
          { home, p2p: ports.p2p },
          { home: twin, p2p: twinPorts.p2p },
        );
        const payments = await Payments.from(home);
        const run = (name: string) => ({
          args: ['--bridge-trace', join(dir, name)],
          ...{ home, ports },
        });
        const options = { home: twin, ports: twinPorts, mode: otherMode(mode) };
        await withNode(options, async (follower) => {
          const height = await withNode(
            { ...run('interrupted'), mode },
            async (node) => {
              const paying = keepPaying(payments, node, 40);
              // Not earlier: no block begins while the kernel starts.
              await node.pids();
              await payments.taken(3);
              process.kill(await vatWorker(node), 'SIGSTOP');
              const hangs = await hanging(join(dir, 'interrupted'));
              await paying.stop();
              const all = [
                node.pid,
                ...descendants(node.pid).map((row) => row.pid),
              ];
              await node.kill();
              await gone(all);
              return hangs;
            },
          );
          await withNode(
            { ...run('again'), mode: otherMode(mode) },
            async (node) => {
              t.is(await node.height(1), height);
              await Promise.all([
                node.height(height + 2),
                follower.height(height + 2),
              ]);
              for (let at = height - 1; at <= height + 1; at += 1) {
                t.is(
                  await ownAppHash(node, at),
                  await ownAppHash(follower, at),
                  `app hash at height ${String(at)}`,
                );
              }
            },
          );
          const before = await downcalls(join(dir, 'interrupted'), height);
          const after = await downcalls(join(dir, 'again'), height);
          t.true((after['vbank']?.length ?? 0) > 0, 'the block had work');
          for (const [module, made] of Object.entries(before)) {
            t.deepEqual(after[module]?.slice(0, made.length), made, module);
          }
        });
      });
    },
  );
}
