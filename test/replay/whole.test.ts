// Replays of long traces. They take too long for CI, which replays some blocks
// (test/lifecycle/replay.test.ts).
import { cp } from 'node:fs/promises';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import {
  bootedHome,
  coreConfig,
  freshHome,
  withTempDir,
} from '../support/homes.js';
import { AgdNode, modes, nodePorts, type Mode } from '../support/node.js';
import { agd } from '../support/paths.js';
import { Process } from '../support/process.js';

const BLOCKS = 1000;

/** What the test reads of `agd bridge replay --json`. */
interface Report {
  readonly same: boolean;
  readonly first: number;
  readonly last: number;
  readonly starts: number;
  readonly upcalls: number;
  readonly downcalls: number;
  /** Of a chain. */
  readonly appHashes?: number;
}

/** Runs a node that records its frames, until `until` resolves. */
async function recorded(
  home: string,
  mode: Mode,
  trace: string,
  until: (node: AgdNode) => Promise<void>,
): Promise<void> {
  const node = new AgdNode({
    ...{ home, mode, ports: await nodePorts() },
    args: ['--bridge-trace', trace],
    env: { AGD_CONSENSUS_TIMEOUT_COMMIT: '1ms' },
  });
  try {
    await until(node);
    await node.stop();
  } finally {
    await node.kill();
  }
}

/** Replays a trace, which must be the same. */
async function same(
  t: ExecutionContext,
  dir: string,
  trace: string,
  ...args: readonly string[]
): Promise<Report> {
  const began = performance.now();
  const replay = new Process(
    agd,
    ['bridge', 'replay', trace, ...args, '--json'],
    { ...process.env, TMPDIR: dir },
  );
  let report: Report;
  try {
    report = JSON.parse(
      await replay.line(
        (line) => (line.startsWith('{"same"') ? line : undefined),
        (line) => line.includes('block replayed'),
      ),
    ) as Report;
    t.deepEqual(await replay.exited, { code: 0, signal: null });
  } finally {
    await replay.kill();
  }
  const { first, last, upcalls, downcalls, appHashes = 0 } = report;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  t.log(
    `${args.slice(0, 2).join(' ')}: blocks ${String(first)} to ${String(last)}, ${String(upcalls)} upcalls, ${String(downcalls)} downcalls, ${String(appHashes)} app hashes, ${seconds} s`,
  );
  t.true(report.same);
  return report;
}

for (const mode of modes) {
  test.serial(
    `${mode}: a VM alone and a chain alone repeat ${String(BLOCKS)} blocks`,
    async (t) => {
      t.timeout(30 * 60_000);
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const before = join(dir, 'before');
        await cp(home, before, { recursive: true });
        const trace = join(dir, 'trace.jsonl.zst');
        await recorded(home, mode, trace, async (node) => {
          const first = await node.height(1);
          // Every transaction is in a later block than the one before.
          for (let i = 0; node.committed() < first + BLOCKS; i += 1) {
            const action = JSON.stringify({ replay: i });
            const wallet = ['swingset', 'wallet-action', action];
            await node.tx(...wallet, '--from', 'bob');
            await node.tx('bank', 'send', 'alice', 'bob', '7uist');
          }
        });
        const vm = await same(t, dir, trace, '--vm', '--home', before);
        t.true(vm.last - vm.first >= BLOCKS);
        const args = ['--vm', '--in-process', '--home', before];
        t.is((await same(t, dir, trace, ...args)).last, vm.last);
        const chain = await same(t, dir, trace, '--chain', '--home', home);
        t.deepEqual(
          [chain.first, chain.last, chain.downcalls],
          [vm.first, vm.last, vm.downcalls],
        );
        // CometBFT may not have the last one's.
        t.true((chain.appHashes ?? 0) >= BLOCKS);
      });
    },
  );

  test.serial(
    `${mode}: a VM alone and a chain alone repeat the boot of Agoric’s core`,
    async (t) => {
      t.timeout(30 * 60_000);
      await withTempDir(async (dir) => {
        const home = await freshHome(dir, { bootstrapVatConfig: coreConfig });
        const trace = join(dir, 'trace.jsonl.zst');
        await recorded(home, mode, trace, async (node) => {
          await node.booted();
          await node.height(3);
        });
        const vm = await same(t, dir, trace, '--vm');
        const one = await same(t, dir, trace, '--vm', '--in-process');
        t.is(one.last, vm.last);
        const chain = await same(t, dir, trace, '--chain', '--home', home);
        for (const { first, last, starts, downcalls } of [vm, chain]) {
          t.deepEqual([first, starts], [1, 1]);
          t.true(last >= 3 && downcalls > 100, String(downcalls));
        }
        t.true((chain.appHashes ?? 0) >= 2);
      });
    },
  );
}
