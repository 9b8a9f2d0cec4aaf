import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { withTempDir } from '../support/homes.js';
import { AgdNode, address } from '../support/node.js';
import { Relayer, relayedChains, rly } from '../support/relayer.js';
import { balance, escrowed, reaches, voucher } from '../support/transfers.js';

/** `make test-ibc` runs these; it builds the relayer first. */
const withRelayer = existsSync(rly) ? test.serial : test.serial.skip;

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

/** Kills a validator and starts it in the other mode. */
async function inOtherMode(node: AgdNode): Promise<AgdNode> {
  await node.kill();
  const mode = node.options.mode === 'split' ? 'in-process' : 'split';
  const again = new AgdNode({ ...node.options, mode });
  await again.pids();
  return again;
}

withRelayer(
  'coins add up when a validator and the relayer are killed under load, and the validator goes on in the other mode',
  async (t) => {
    await withTempDir(async (dir) => {
      const chains = await relayedChains(dir);
      const relayer = await Relayer.create(join(dir, 'relayer'), chains);
      let [a, b] = relayer.nodes as [AgdNode, AgdNode];
      let relaying;
      try {
        await relayer.link();
        const alice = await address(a.options.home, 'alice');
        const bob = await address(b.options.home, 'bob');
        const there = voucher('channel-0', 'ubld');
        const before = await balance(a, alice, 'ubld');

        relaying = relayer.start();
        for (let sent = 0; sent < BATCHES; sent += 1) {
          await transfers(a, dir, 'alice', bob, 'ubld');
          if (sent === 1) {
            await relaying.kill();
            a = await inOtherMode(a);
            relaying = relayer.start();
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
            relaying = relayer.start();
          }
        }
        await reaches(a, alice, 'ubld', before);
        t.is(await escrowed(a, 'ubld'), 0);
        t.is(await balance(b, bob, there), 0);
      } finally {
        await relaying?.kill();
        await Promise.all([a.kill(), b.kill()]);
      }
    });
  },
);
