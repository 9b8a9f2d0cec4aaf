import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { NodeRecord } from '@agd-bridge/localnet';
import test, { type ExecutionContext } from 'ava';

import { txHash } from '../support/bank-tx.js';
import { withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  nodePorts,
  runAgd,
  type Mode,
} from '../support/node.js';
import { agd } from '../support/paths.js';
import { Process, descendants, gone, processes } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

import {
  actionsOf,
  blockOf,
  call,
  codesOf,
  networkIn,
  open,
  roundOf,
  submit,
  totalOf,
  uistOf,
  type Sending,
} from './load.js';
import { Net, names, type Name } from './net.js';

const run = promisify(execFile);

/** The nodes that make snapshots, one in each mode. */
const makers = ['node1', 'node4'] as const;

let temporary = '';
let net: Net;

test.before(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'agd-test-'));
  const args = ['--validators', '4', '--split', '2'];
  net = new Net(join(temporary, 'net'), ...args);
  await net.heights(3);
  // They make snapshots from their next start on.
  for (const name of makers) {
    await runAgd(join(net.dir, name), [
      ...['config', 'set', 'app', 'state-sync.snapshot-interval', '5'],
      ...['state-sync.snapshot-keep-recent', '0'],
    ]);
  }
});

test.after.always(async () => {
  await (net as Net | undefined)?.kill();
  await rm(temporary, { recursive: true, force: true });
});

/** Checks that all nodes have the same blocks and app hashes at these heights. */
async function oneChain(
  t: ExecutionContext,
  first: number,
  last: number,
): Promise<ReadonlyMap<number, string>> {
  const { nodes } = await networkIn(net.dir);
  const appHashes = new Map<number, string>();
  for (let height = first; height <= last; height += 1) {
    // The next block has the app hash, and the hash of this one.
    const blocks = await Promise.all(
      nodes.map((node) => blockOf(node, height + 1)),
    );
    const hashes = blocks.map(({ hash, appHash }) => `${hash} ${appHash}`);
    t.is(new Set(hashes).size, 1, `${String(height)}: ${hashes.join(', ')}`);
    appHashes.set(height, blocks[0]!.appHash);
  }
  return appHashes;
}

test.serial('every height has one app hash on all nodes', async (t) => {
  await net.heights(net.top + 2);
  const last = Math.min(
    ...names.map((name) =>
      Math.max(
        ...net.lines
          .filter((line) => line.name === name)
          .map((line) => line.height),
      ),
    ),
  );
  for (const [height, hash] of await oneChain(t, 1, last - 1)) {
    for (const line of net.lines.filter((each) => each.height === height)) {
      t.is(line.appHash, hash.slice(0, 8), `${line.name} ${String(height)}`);
    }
  }
  const modes = names.map(
    (name) => net.lines.find((line) => line.name === name)?.mode,
  );
  t.deepEqual(modes, ['split', 'split', 'in-process', 'in-process']);
});

test.serial('the commands that it suggests work as pasted', async (t) => {
  const kill = /^ {2}kill (\d+) {2}# stops node4 alone$/;
  const pid = await net.line((line) => kill.exec(line)?.[1]);
  t.is(Number(pid), net.node('node4'));
  const script = net.stdout.filter(
    (line) => line.startsWith('  ') && !kill.test(line),
  );
  t.is(script.length, 2);
  const { stdout } = await run('bash', ['-ec', script.join('\n')]);
  t.regex(stdout, /"1000"/);
});

test.serial(
  'each of 1,000 payments and wallet actions is in one block, on all nodes, and takes effect',
  async (t) => {
    const [count, rounds] = [250, 4];
    const { nodes, chainId } = await networkIn(net.dir);
    const [first] = nodes as [NodeRecord];
    const bob = await address(join(net.dir, first.name), 'bob');
    const [before = 0] = await uistOf(first, [bob]);
    // Not the displayed height, which may be behind the block of a transaction
    // that an earlier test has sent.
    const { sync_info: sync } = await call<{
      sync_info: { latest_block_height: string };
    }>(first, 'status');
    const begun = Number(sync.latest_block_height) + 1;
    let height = begun;
    const found: string[] = [];
    const sizes: number[] = [];

    /** Reads the next block. */
    const readBlock = async (): Promise<readonly string[]> => {
      t.true(height < begun + 300, 'it goes on');
      await net.height('node1', height);
      const { txs } = await blockOf(first, height);
      t.deepEqual(
        await codesOf(first, height),
        txs.map(() => 0),
      );
      found.push(...txs);
      sizes.push(txs.length);
      height += 1;
      return txs;
    };
    /** Submits transactions to their nodes, and reads blocks until each is in one. */
    const inBlocks = async (sendings: readonly Sending[]): Promise<number> => {
      const waiting = new Set(sendings.map(({ tx }) => txHash(tx)));
      const submitted = Promise.all(sendings.map(submit));
      const read = async (): Promise<void> => {
        while (waiting.size > 0) {
          for (const hash of await readBlock()) waiting.delete(hash);
        }
      };
      const [refusals] = await Promise.all([submitted, read()]);
      return Math.max(...refusals);
    };

    const opening = await open(net.dir, count);
    await inBlocks([opening.sending]);
    const accounts = await opening.accounts();
    const started = Date.now();
    const sendings: Sending[] = [];
    const refused: number[] = [];
    // Each account waits for its transaction before it sends the next: two on
    // their way through several peers may reach a block in the wrong order.
    for (let round = 0; round < rounds; round += 1) {
      const next = roundOf(accounts, chainId, round, bob);
      sendings.push(...next);
      refused.push(await inBlocks(next));
    }
    const took = (Date.now() - started) / 1000;
    t.log(
      `${String(took)} s, in blocks of ${sizes.join(', ')}; most refusals of one, for a while: ${refused.join(', ')}`,
    );

    const total = totalOf(rounds);
    const done = async (): Promise<readonly number[]> =>
      Promise.all(accounts.map(actionsOf));
    while ((await done()).some((actions) => actions < total.actions)) {
      await readBlock();
    }
    await net.heights(height);
    t.deepEqual(new Set(await done()), new Set([total.actions]));
    const wanted = [opening.sending, ...sendings].map(({ tx }) => txHash(tx));
    t.is(wanted.length, 1 + 1000);
    t.deepEqual(found.sort(), wanted.sort(), 'each once, and no other');

    const addresses = accounts.map(({ signer }) => signer.address);
    for (const node of nodes) {
      t.deepEqual(await uistOf(node, [bob, ...addresses]), [
        before + count * total.paid,
        ...accounts.map(() => total.left),
      ]);
    }
    await net.heights(height);
    await oneChain(t, begun, height - 1);
  },
);

test.serial('a running network cannot be started a second time', async (t) => {
  const expected = new RegExp(
    `cannot start the network in ".*/net": process ${String(net.pid)} runs it: stop that first$`,
  );
  await expectRefusal(t, ['localnet', '--home', net.dir], expected);
});

for (const name of ['node2', 'node3'] as const) {
  test.serial(
    `${name}, stopped for 10 s, catches up within 20 s`,
    async (t) => {
      const top = net.node(name);
      const pids = [top, ...descendants(top).map(({ pid }) => pid)];
      t.true(pids.length > 1, 'with its workers');
      const others = names.filter((each) => each !== name);
      try {
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        await setTimeout(10_000);
        // Time alone proves nothing on a busy machine.
        await net.heights(net.top + 3, others);
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
      const started = Date.now();
      await net.height(name, net.top);
      const took = (Date.now() - started) / 1000;
      t.log(`${String(took)} s`);
      // Ten times the usual time on a busy machine.
      t.true(took < 20);
      await net.heights(net.top + 2);
    },
  );
}

const otherModes: readonly (readonly [Name, Mode])[] = [
  ['node1', 'in-process'],
  ['node4', 'split'],
];
for (const [name, mode] of otherModes) {
  test.serial(
    `${name}, killed and started again ${mode}, catches up`,
    async (t) => {
      const home = join(net.dir, name);
      const others = names.filter((each) => each !== name);
      const top = net.node(name);
      const below = descendants(top).map(({ pid }) => pid);
      const vm = descendants(top).find(({ command }) =>
        command.includes('agvm'),
      );
      // In split mode the VM dies, and agd ends with it.
      process.kill(vm?.pid ?? top, 'SIGKILL');
      const report = await net.line((line) =>
        line.startsWith(`agd localnet: ${name} ended`) ? line : undefined,
      );
      const how = vm
        ? 'exit code 99): agd: the VM ended: bridge closed by the peer (VM: signal: killed)'
        : 'SIGKILL)';
      t.is(
        report,
        `agd localnet: ${name} ended (${how}; its log is ${home}/agd.log; to start it again: ${agd} start --home ${home}${vm ? ' --split' : ''}`,
      );
      await gone(below);
      await net.heights(net.top + 2, others);
      const again = new Process(agd, [
        'start',
        '--home',
        home,
        `--split=${String(mode === 'split')}`,
      ]);
      try {
        const booting = new RegExp(
          `^${name} +${mode} +booting, \\d+ s +by hand$`,
        );
        await net.line((line) => (booting.test(line) ? true : undefined));
        const named = `agd localnet: ${name} runs as process ${String(again.pid)}, started by hand: `;
        await net.line((line) => (line.startsWith(named) ? true : undefined));
        await net.height(name, net.top, mode);
        await net.heights(net.top + 2);
        again.signal('SIGTERM');
        t.deepEqual(await again.exited, { code: 98, signal: null });
      } finally {
        await again.kill();
      }
      // The next test needs all four nodes.
      net.signal('SIGINT');
      t.deepEqual(await net.exited, { code: 98, signal: null });
      net = new Net(net.dir);
      await net.heights(1);
    },
  );
}

for (const [maker, mode] of [
  ['node1', 'in-process'],
  ['node4', 'split'],
] as const) {
  test.serial(
    `a fresh node joins ${mode} from a snapshot of ${maker}, which has the other mode`,
    async (t) => {
      await net.height(maker, 5 * Math.ceil(net.top / 5) + 2);
      await withTempDir(async (dir) => {
        const home = join(dir, 'fresh');
        await runAgd(home, ['init', 'fresh', '--chain-id', 'agd-localnet']);
        const genesis = join('config', 'genesis.json');
        await copyFile(join(net.dir, maker, genesis), join(home, genesis));
        const { nodes } = await networkIn(net.dir);
        const from = nodes.find((node) => node.name === maker)!;
        const { id, rpc, p2p } = from;
        const url = `http://127.0.0.1:${String(rpc)}`;
        await runAgd(home, [
          ...['config', 'set', 'config'],
          ...['p2p.persistent_peers', `${id}@127.0.0.1:${String(p2p)}`],
          ...['p2p.pex', 'false', 'p2p.addr_book_strict', 'false'],
          ...['rpc.pprof_laddr', ''],
          ...['statesync.enable', 'true', 'statesync.discovery_time', '5s'],
          ...['statesync.rpc_servers', `${url},${url}`],
          ...['statesync.trust_height', '2'],
          ...['statesync.trust_hash', (await blockOf(from, 2)).hash],
        ]);
        const ports = await nodePorts();
        const fresh = new AgdNode({ home, mode, ports });
        try {
          const first = await fresh.height(1);
          t.true(first > 5, 'it did not run the first blocks');
          t.is(first % 5, 1);
          t.is((await fresh.pids()).mode, mode);
          await fresh.height(first + 2);
          for (const height of [first, first + 1]) {
            const { appHash } = await blockOf(from, height + 1);
            t.is(await fresh.appHash(height), appHash);
          }
          t.deepEqual(await fresh.stop(), { code: 98, signal: null });
        } finally {
          await fresh.kill();
        }
      });
    },
  );
}

test.serial(
  'a second run continues the chain in other modes; Ctrl-C leaves no process',
  async (t) => {
    await net.heights(net.top + 1);
    const { top } = net;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const below = descendants(net.pid).map(({ pid }) => pid);
      t.true(below.length >= 6, 'four nodes, two or more with a VM');
      net.signal(signal);
      t.deepEqual(await net.exited, { code: 98, signal: null });
      await gone(below);
      const left = processes().filter(({ command }) =>
        command.includes(net.dir),
      );
      t.deepEqual(left, []);
      await t.throwsAsync(stat(join(net.dir, 'localnet.pid')));
      if (signal === 'SIGTERM') break;
      net = new Net(net.dir, '--split', '3');
      await net.heights(top + 1);
      t.is(net.lines.find(({ name }) => name === 'node3')?.mode, 'split');
      t.is(net.lines.find(({ name }) => name === 'node4')?.mode, 'in-process');
    }
    const stopping = 'agd localnet: stopping; Ctrl-C again hurries';
    t.is(net.stdout.at(-5), stopping);
    for (const line of net.stdout.slice(-4)) {
      t.regex(line, /^node\d .* ended \(exit code 98\)$/);
    }
    t.deepEqual(net.stderr, []);
    await expectRefusal(
      t,
      ['localnet', '--home', net.dir, '--validators', '3'],
      /has a network of 4 validators, not 3/,
    );
    await expectRefusal(
      t,
      ['localnet', '--home', net.dir, '--split', '5'],
      /--split must be at most the number of validators, 4, not 5/,
    );
    const module = '@agd-bridge/vats/bank-config.json';
    await expectRefusal(
      t,
      ['localnet', '--home', net.dir, '--bootstrap-vat-config', module],
      /boots from the demonstration vat: --bootstrap-vat-config cannot change/,
    );
  },
);
