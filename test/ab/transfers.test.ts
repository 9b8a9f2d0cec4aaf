import { Bed, CHAIN_ID, Comparison, type ChainNode } from '@agd-bridge/ab';
import {
  byMode,
  modes,
  signedTx,
  signerOf,
  walletAction,
  type Message,
} from '@agd-bridge/chain-kit';
import { randomFrom } from '@agd-bridge/measure';
import test from 'ava';
import {
  QueryAllBalancesRequest,
  QueryAllBalancesResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import {
  QueryPacketAcknowledgementRequest,
  QueryPacketAcknowledgementResponse,
} from 'cosmjs-types/ibc/core/channel/v1/query';

import { requireSame, requireWhole } from '../bench/chain/chain.js';
import {
  deliver,
  hashOf,
  machine,
  transferChain,
  transfers,
  unwatched,
  watched,
  type Verdict,
} from '../bench/chain/transfers.js';
import { agd } from '../support/paths.js';

const COUNT = 3;
/** Minimum time between blocks, in ms. */
const PAUSE = 200;

let bed: Bed | undefined;

test.before(async () => {
  const options = { agd, env: process.env, transport: 'auto' } as const;
  bed = await Bed.make({ ...options, chain: transferChain });
});

test.after.always(async () => bed?.close());

test.serial(
  'transfers of a solo machine that the kernel intercepts make the same block in both modes, and a benchmark fails if it does not intercept them',
  async (t) => {
    let receiver = watched;
    const workload = transfers(() => receiver);
    const load = { actions: COUNT, workload };
    const random = randomFrom(1);
    const comparison = await Comparison.open(bed!, byMode, load, random);
    const pair = await comparison.next();
    requireWhole(pair, COUNT);
    for (const { calls } of Object.values(pair)) {
      t.is(calls['down vtransfer.Send'], COUNT);
    }

    receiver = unwatched;
    await comparison.next(); // its transaction was in the mempool already
    const missed = await comparison.next();
    t.throws(
      () => {
        requireWhole(missed, COUNT);
      },
      { message: /in-process, block \d+: 0 of 3 actions.*split, block \d+: 0/ },
    );
    requireSame(await comparison.finish([pair, missed]));
    await comparison.end();
  },
);

/** Calls a query of the chain. */
async function ask<T>(
  node: ChainNode,
  path: string,
  request: { finish(): Uint8Array },
  answer: { decode(bytes: Uint8Array): T },
): Promise<T | undefined> {
  const { response } = await node.rpc<{
    response: { code: number; value: string | null };
  }>('abci_query', {
    path,
    data: Buffer.from(request.finish()).toString('hex'),
  });
  if (response.code !== 0) return undefined;
  return answer.decode(Buffer.from(response.value ?? '', 'base64'));
}

/** The coins of an account. */
async function coins(node: ChainNode, address: string): Promise<unknown> {
  const answer = await ask(
    node,
    '/cosmos.bank.v1beta1.Query/AllBalances',
    QueryAllBalancesRequest.encode(
      QueryAllBalancesRequest.fromPartial({ address }),
    ),
    QueryAllBalancesResponse,
  );
  return answer?.balances.map(({ amount }) => amount);
}

/** Resolves with what the chain stores of a packet's acknowledgement. */
async function acknowledged(
  node: ChainNode,
  sequence: number,
): Promise<string> {
  const request = QueryPacketAcknowledgementRequest.encode({
    portId: 'transfer',
    channelId: 'channel-0',
    sequence: BigInt(sequence),
  });
  for (;;) {
    const answer = await ask(
      node,
      '/ibc.core.channel.v1.Query/PacketAcknowledgement',
      request,
      QueryPacketAcknowledgementResponse,
    );
    if (answer) return Buffer.from(answer.acknowledgement).toString('hex');
    await node.height(node.committed.height + 1);
  }
}

const success = hashOf('{"result":"AQ=="}').toString('hex');

for (const mode of modes) {
  test.serial(
    `${mode}: no packet that is broken, too large, of no channel, without its proof or a replay pays coins, and one at which a vat throws is acknowledged as it was paid`,
    async (t) => {
      const node = await bed!.start({ mode }, PAUSE);
      try {
        await node.height(1);
        const alice = await signerOf(agd, bed!.home, 'alice', 0);
        let sequence = 1; // the genesis has her first transaction
        const send = async (message: Message): Promise<Verdict> => {
          const options = { chainId: CHAIN_ID, sequence, gas: 20_000_000 };
          const tx = signedTx(alice, [message], options);
          const verdict = await deliver(node, tx);
          if (verdict.code === 0) sequence += 1;
          return verdict;
        };
        const packet = (
          given: Parameters<typeof machine.packet>[1],
        ): Promise<Verdict> => send(machine.packet(alice.address, given));

        const broken = { sequence: 1, data: '{"denom"' };
        t.is((await packet(broken)).code, 0);
        t.not(await acknowledged(node, 1), success);
        const data = JSON.stringify({
          amount: '1',
          denom: 'solo',
          receiver: watched,
          sender: 'solo machine',
        });
        for (const [bad, why] of [
          [{ ...broken, proof: 2 }, /redundant/],
          [broken, /signature verification failed/],
          [{ sequence: 2, data: 'x'.repeat(1 << 20) }, /data/],
          [{ sequence: 2, data, channel: 'channel-77' }, /channel not found/],
          [{ sequence: 2, data, proof: 7 }, /signature verification failed/],
          [{ sequence: 2, data, proof: 1 }, /signature verification failed/],
        ] as const) {
          const { code, log } = await packet(bad);
          t.not(code, 0);
          t.regex(log, why);
        }
        t.deepEqual(await coins(node, watched), []);

        await send(walletAction(alice.address, '{"throws":true}'));
        t.is((await packet({ sequence: 2, data })).code, 0);
        t.is(await acknowledged(node, 2), success);
        t.deepEqual(await coins(node, watched), ['1']);
        await send(walletAction(alice.address, '{"throws":false}'));
        t.is((await packet({ sequence: 3, data })).code, 0);
        t.is(await acknowledged(node, 3), success);
        t.deepEqual(await coins(node, watched), ['2']);
        t.is(await node.vstorage('published.transfers'), '2');
      } finally {
        await bed!.end(node);
      }
    },
  );
}
