import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  modes,
  nodePorts,
  type NodeOptions,
} from '../support/node.js';
import { callsDuring, readTrace, type TracedCall } from '../support/trace.js';
import { Payments, keepPaying, otherMode, paused } from './chain.js';

/** Downcalls by the module they ask, which have their own order each: the swing-store's interleave with the others by timing. */
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

/** Makes blocks with work in them until the node is held up; returns the height. */
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

          // The first block of a process, whose kernel knows the record of the block before.
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
