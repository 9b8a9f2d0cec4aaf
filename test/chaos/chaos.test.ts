/**
 * A validator is killed again and again, while a full node in the other mode,
 * which never is, executes the same blocks. `make test-chaos` does it
 * CHAOS_KILLS times (100); CHAOS_SEED repeats a run's plan.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import test from 'ava';

import { bootedHome } from '../support/homes.js';
import { AgdNode, modes, nodePorts, type Ports } from '../support/node.js';
import { descendants, gone } from '../support/process.js';
import {
  Payments,
  connected,
  keepPaying,
  makePeers,
  paused,
  twinHome,
  vatWorker,
  type Point,
} from './chain.js';
import { heightOf, judge, settle } from './judge.js';
import { describe, expectedExit, plan, table, type Round } from './plan.js';

const kills = Number(process.env['CHAOS_KILLS'] ?? 8);
const seed = Number(
  process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31),
);
const rounds = plan(seed, kills);
const done: Round[] = [];

interface Chain {
  readonly dir: string;
  readonly home: string;
  readonly ports: Ports;
  readonly follower: AgdNode;
  readonly payments: Payments;
  readonly paying: ReturnType<typeof keepPaying>;
}
let begun: Chain | undefined;

function chain(): Chain {
  if (!begun) throw new Error('the chain has not begun');
  return begun;
}

test.serial.before(async (t) => {
  t.timeout(5 * 60_000);
  console.log(`# CHAOS_SEED=${String(seed)} CHAOS_KILLS=${String(kills)}`);
  const dir = await mkdtemp(join(tmpdir(), 'agd-chaos-'));
  const home = await bootedHome(dir);
  const twin = await twinHome(dir, home);
  const [ports, twinPorts] = [await nodePorts(), await nodePorts()];
  await makePeers({ home, p2p: ports.p2p }, { home: twin, p2p: twinPorts.p2p });
  const follower = new AgdNode({
    home: twin,
    mode: seed % 2 === 0 ? 'split' : 'in-process',
    ports: twinPorts,
  });
  const payments = await Payments.from(home);
  await follower.listening();
  const paying = keepPaying(payments, follower, 250);
  // The follower takes payments once it has caught up.
  const node = new AgdNode({ home, ports, mode: 'split' });
  try {
    await payments.taken(3);
    await node.height(node.committed() + 1);
    await node.stop();
  } finally {
    await node.kill();
  }
  begun = { dir, home, ports, follower, payments, paying };
});

test.after.always(async () => {
  console.log(`# killed ${String(done.length)} times:\n${table(done)}`);
  if (!begun) return;
  await begun.paying.stop().catch(() => undefined);
  await begun.follower.kill();
  await rm(begun.dir, { recursive: true, force: true });
});

rounds.forEach((round, index) => {
  test.serial(`kill ${String(index + 1)}: ${describe(round)}`, async (t) => {
    t.timeout(5 * 60_000);
    const { home, ports, follower } = chain();
    const pauseAt = await pauseOf(round, follower);
    const node = new AgdNode({
      ...{ home, ports, mode: round.mode },
      env: { AGD_TEST_PAUSE_AT: pauseAt },
    });
    try {
      const vm = await connected(node);
      await moment(round, node);
      const below = descendants(node.pid);
      const pid = {
        agd: node.pid,
        vm,
        group: -node.pid,
        worker: round.target === 'worker' ? await vatWorker(node) : NaN,
      }[round.target];
      process.kill(pid, round.signal);
      const exit = await Promise.race([
        node.exited,
        setTimeout(60_000, 'still runs', { ref: false }),
      ]);
      t.deepEqual(exit, expectedExit(round), lastWords(node));
      await gone([node.pid, ...below.map((row) => row.pid)]);
      done.push(round);
    } finally {
      await node.kill();
    }
  });
});

test.serial(
  'the full node that was never killed has the same state at each height, and each payment is in one block',
  async (t) => {
    t.timeout(10 * 60_000);
    const { home, ports, follower, payments, paying } = chain();
    await paying.stop();
    const mode = modes[seed % 2] ?? 'split';
    const node = new AgdNode({ home, ports, mode });
    try {
      await node.height(1);
      await settle(payments, node, follower);
      t.true(payments.hashes.length >= kills, 'blocks had work');
      await judge(t, payments, node, follower);
      t.deepEqual(await node.stop(), { code: 98, signal: null });
    } finally {
      await node.kill();
    }
  },
);

/** Where the hook is to hold the node up. */
async function pauseOf(
  { moment: at, ahead }: Round,
  follower: AgdNode,
): Promise<string> {
  if (at === 'starting' || at === 'running') return '';
  if (ahead === 0) return at satisfies Point;
  // The validator may be a block ahead of the follower, and repeats that one.
  const height = (await heightOf(follower)) + 1 + ahead;
  return `${at}@${String(height)}`;
}

/** Resolves when it is time to kill. */
async function moment(round: Round, node: AgdNode): Promise<void> {
  if (round.moment === 'running') await node.height(1);
  if (round.moment === 'running' || round.moment === 'starting') {
    await setTimeout(round.delay);
  } else {
    await paused(node);
  }
}

function lastWords(node: AgdNode): string {
  return [...node.stdout.slice(-8), ...node.stderr.slice(-8)].join('\n');
}
