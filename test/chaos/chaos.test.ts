/**
 * A validator is killed repeatedly. A full node in the other mode, which is
 * never killed, executes the same blocks. `make test-chaos` kills CHAOS_KILLS
 * times (100); CHAOS_SEED repeats the plan of a run.
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
import { judge, settle } from './judge.js';
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
  /**
   * The last block that the validator reported as committed; it may have
   * committed one more.
   */
  committed: number;
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
  // The follower accepts payments once it has caught up.
  const node = new AgdNode({ home, ports, mode: 'split' });
  try {
    await payments.taken(3);
    await node.height(node.committed() + 1);
    await node.stop();
  } finally {
    await node.kill();
  }
  const committed = node.committed();
  begun = { dir, home, ports, follower, payments, paying, committed };
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
    const validator = chain();
    const { home, ports } = validator;
    const node = new AgdNode({
      ...{ home, ports, mode: round.mode },
      env: { AGD_TEST_PAUSE_AT: pauseOf(round, validator.committed) },
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
      validator.committed = Math.max(validator.committed, node.committed());
    }
  });
});

test.serial(
  'the full node that was never killed has the same state at each height, and each payment is in one block',
  async (t) => {
    t.timeout(10 * 60_000);
    const { home, ports, follower, payments, paying } = chain();
    await paying.stop();
    // One payment may still be in transit: wait until it is accepted before
    // counting.
    while (await payments.send(follower).catch(() => 'again')) {
      await setTimeout(250);
    }
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

/** Where the hook pauses the validator, which has committed this block and perhaps the next. */
function pauseOf({ moment: at, ahead }: Round, committed: number): string {
  if (at === 'starting' || at === 'running') return '';
  const point: Point = at;
  return ahead === 0 ? point : `${point}@${String(committed + 1 + ahead)}`;
}

/** Resolves at the moment of the kill. */
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
