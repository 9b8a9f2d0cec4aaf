import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { ExecutionContext } from 'ava';

import { address, type AgdNode } from '../support/node.js';
import { root } from '../support/paths.js';
import { patience } from '../support/process.js';
import {
  type Relayer,
  withLinkedChains,
  withRelayer,
} from '../support/relayer.js';
import {
  balance,
  escrowed,
  reaches,
  transfer,
  voucher,
} from '../support/transfers.js';

const run = promisify(execFile);

/** The answers of CosmJS's queries. */
async function askByCosmJs(node: AgdNode): Promise<unknown> {
  const client = join(root, 'test', 'clients', 'fixture-ibc.mjs');
  const { stdout } = await run('node', [client, node.rpcUrl], {
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout);
}

/** CosmJS reads the same from both chains, but for the coins and packets. */
async function queries(t: ExecutionContext, relayer: Relayer): Promise<void> {
  const [a, b] = relayer.chains;
  const common = {
    channels: 1,
    version: 'ics20-1',
    counterparty: { portId: 'transfer', channelId: 'channel-0' },
    connection: 'connection-0',
    params: { sendEnabled: true, receiveEnabled: true },
    commitments: 0,
  };
  t.deepEqual(await askByCosmJs(a!.node), {
    ...common,
    chainId: b!.chainId,
    denoms: [],
    acknowledgements: ['1'],
    nextSequenceReceive: '0',
  });
  t.deepEqual(await askByCosmJs(b!.node), {
    ...common,
    chainId: a!.chainId,
    denoms: [
      {
        base: 'uist',
        trace: [{ portId: 'transfer', channelId: 'channel-0' }],
      },
    ],
    acknowledgements: ['1', '2'],
    nextSequenceReceive: '0',
  });
}

async function transfers(t: ExecutionContext, relayer: Relayer): Promise<void> {
  const [a, b] = relayer.nodes as [AgdNode, AgdNode];
  const [alice, bob] = await Promise.all([
    address(a.options.home, 'alice'),
    address(b.options.home, 'bob'),
  ]);
  const there = voucher('channel-0', 'uist');
  const before = await balance(a, alice, 'ubld');

  let relaying = await relayer.start();
  try {
    await transfer(a, 'alice', bob, '100uist');
    await reaches(b, bob, there, 100);
    t.is(await escrowed(a, 'uist'), 100);
    await transfer(b, 'bob', alice, `60${there}`);
    await reaches(b, bob, there, 40);
    while ((await escrowed(a, 'uist')) !== 40) {
      await a.height(a.committed() + 1);
    }

    // The other chain refuses the receiver: its acknowledgement brings the
    // coins back.
    await transfer(a, 'alice', 'nobody', '5ubld');
    await reaches(a, alice, 'ubld', before);
    t.is(await escrowed(a, 'ubld'), 0);
  } finally {
    await relaying.kill();
  }

  // No packet is relayed before the timeout.
  const second = String(1_000_000_000);
  await transfer(
    a,
    'alice',
    bob,
    '7ubld',
    '--packet-timeout-timestamp',
    second,
  );
  t.is(await balance(a, alice, 'ubld'), before - 7);
  t.is(await escrowed(a, 'ubld'), 7);
  await b.height(b.committed() + 10);
  relaying = await relayer.start();
  try {
    await reaches(a, alice, 'ubld', before);
    t.is(await escrowed(a, 'ubld'), 0);
    t.is(await balance(b, bob, voucher('channel-0', 'ubld')), 0);
  } finally {
    await relaying.kill();
  }
}

withRelayer(
  'coins go to a chain of the other mode and back, and return after a timeout',
  async (t) => {
    await withLinkedChains({}, async (relayer) => {
      await transfers(t, relayer);
      await queries(t, relayer);
    });
  },
);
