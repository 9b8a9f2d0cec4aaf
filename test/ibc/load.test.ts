import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { followerHome, withTempDir } from '../support/homes.js';
import { AgdNode, address, nodePorts, type Mode } from '../support/node.js';
import { Relayer, relayedChains, withRelayer } from '../support/relayer.js';
import { balance, escrowed, reaches, voucher } from '../support/transfers.js';

/** Messages in one transaction. */
const BATCH = 25;
const BATCHES = 4;
const ALL = BATCH * BATCHES;

interface Unsigned {
  body: { messages: unknown[] };
  auth_info: { fee: { gas_limit: string } };
}

/** Sends BATCH transfers of one coin in one transaction. */
async function transfers(
  node: AgdNode,
  dir: string,
  sender: string,
  receiver: string,
  denom: string,
): Promise<void> {
  const unsigned = JSON.parse(
    await node.agd(
      ...['tx', 'ibc-transfer', 'transfer', 'transfer', 'channel-0'],
      ...[receiver, `1${denom}`, '--from', sender, '--generate-only'],
    ),
  ) as Unsigned;
  const [message] = unsigned.body.messages;
  unsigned.body.messages = Array.from({ length: BATCH }, () => message);
  unsigned.auth_info.fee.gas_limit = '20000000';
  const file = join(dir, 'tx.json');
  await writeFile(file, JSON.stringify(unsigned));
  const signed = await node.agd('tx', 'sign', file, '--from', sender);
  await writeFile(file, signed);
  await node.tx('broadcast', file);
}

const otherMode = ({ options: { mode } }: AgdNode): Mode =>
  mode === 'split' ? 'in-process' : 'split';

/** Kills a validator and starts it in the other mode. */
async function inOtherMode(node: AgdNode): Promise<AgdNode> {
  await node.kill();
  const again = new AgdNode({ ...node.options, mode: otherMode(node) });
  await again.pids();
  return again;
}

/** A full node in the other mode, which makes every block from the first one on. */
async function follower(dir: string, leader: AgdNode): Promise<AgdNode> {
  const home = await followerHome(dir, leader);
  const mode = otherMode(leader);
  return new AgdNode({ home, mode, ports: await nodePorts() });
}

/** What a block did, as the node itself has computed it. */
async function outcome(node: AgdNode, height: number): Promise<object> {
  const { app_hash, txs_results } = await node.rpc<{
    app_hash: string;
    txs_results: object | null;
  }>(`block_results?height=${String(height)}`);
  return { app_hash, txs_results };
}

/** Compares each block of two nodes of one chain. */
async function doTheSame(
  t: ExecutionContext,
  leader: AgdNode,
  other: AgdNode,
): Promise<void> {
  const last = leader.committed();
  await other.height(last);
  for (let height = 1; height <= last; height += 1) {
    const [own, others] = await Promise.all([
      outcome(leader, height),
      outcome(other, height),
    ]);
    t.deepEqual(own, others, `${leader.options.home}, ${String(height)}`);
  }
}

withRelayer(
  'coins add up, and the modes do the same in each block, when a validator and the relayer are killed under load and the validator goes on in the other mode',
  async (t) => {
    await withTempDir(async (dir) => {
      const chains = await relayedChains(dir);
      const relayer = await Relayer.create(join(dir, 'relayer'), chains);
      let [a, b] = relayer.nodes as [AgdNode, AgdNode];
      const followers: AgdNode[] = [];
      let relaying;
      try {
        for (const { chainId, node } of chains) {
          followers.push(await follower(join(dir, chainId), node));
        }
        await relayer.link();
        const alice = await address(a.options.home, 'alice');
        const bob = await address(b.options.home, 'bob');
        const there = voucher('channel-0', 'ubld');
        const before = await balance(a, alice, 'ubld');

        relaying = await relayer.start();
        for (let sent = 0; sent < BATCHES; sent += 1) {
          await transfers(a, dir, 'alice', bob, 'ubld');
          if (sent === 1) {
            await relaying.kill();
            a = await inOtherMode(a);
            relaying = await relayer.start();
          }
        }
        await reaches(b, bob, there, ALL);
        t.is(await escrowed(a, 'ubld'), ALL);
        t.is(await balance(a, alice, 'ubld'), before - ALL);

        for (let sent = 0; sent < BATCHES; sent += 1) {
          await transfers(b, dir, 'bob', alice, there);
          if (sent === 1) {
            await relaying.kill();
            b = await inOtherMode(b);
            relaying = await relayer.start();
          }
        }
        await reaches(a, alice, 'ubld', before);
        t.is(await escrowed(a, 'ubld'), 0);
        t.is(await balance(b, bob, there), 0);

        await doTheSame(t, a, followers[0]!);
        await doTheSame(t, b, followers[1]!);
      } finally {
        await relaying?.kill();
        await Promise.all([a, b, ...followers].map((node) => node.kill()));
      }
    });
  },
);
