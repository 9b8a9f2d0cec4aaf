import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { address, type AgdNode } from '../support/node.js';
import { withLinkedChains, withRelayer } from '../support/relayer.js';
import {
  balance,
  escrowed,
  reaches,
  transfer,
  voucher,
} from '../support/transfers.js';

/** As `agd query txs` prints it. */
interface Receive {
  readonly '@type': string;
  readonly packet: Packet;
  readonly proof_height: { revision_number: string; revision_height: string };
  readonly [member: string]: unknown;
}

interface Packet {
  readonly sequence: string;
  readonly destination_port: string;
  readonly destination_channel: string;
  readonly timeout_timestamp: string;
  readonly [member: string]: unknown;
}

interface Found {
  readonly txs: readonly {
    readonly tx: { readonly body: { readonly messages: readonly Receive[] } };
    readonly events: readonly {
      readonly type: string;
      readonly attributes: readonly { key: string; value: string }[];
    }[];
  }[];
}

/** The only transaction with an event of the packet with this sequence. */
async function txOf(
  node: AgdNode,
  event: string,
  sequence: number,
): Promise<Found['txs'][number]> {
  const query = `${event}.packet_sequence='${String(sequence)}'`;
  const { txs } = JSON.parse(
    await node.agd('query', 'txs', '--query', query, '--output', 'json'),
  ) as Found;
  if (!txs[0]) throw new Error(`no transaction with ${query}`);
  return txs[0];
}

/** Sends one message of alice's. */
async function deliver(
  node: AgdNode,
  dir: string,
  message: object,
): Promise<void> {
  const fee = { amount: [], gas_limit: '2000000', payer: '', granter: '' };
  const unsigned = {
    body: {
      messages: [
        { ...message, signer: await address(node.options.home, 'alice') },
      ],
      ...{ memo: '', timeout_height: '0' },
      ...{ extension_options: [], non_critical_extension_options: [] },
    },
    auth_info: { signer_infos: [], fee },
    signatures: [],
  };
  const file = join(dir, 'message.json');
  await writeFile(file, JSON.stringify(unsigned));
  await writeFile(file, await node.agd('tx', 'sign', file, '--from', 'alice'));
  await node.tx('broadcast', file);
}

withRelayer(
  'a packet with an old proof, one of another packet, or changed coins is refused by a chain of either mode, and a replay pays nothing',
  async (t) => {
    await withLinkedChains({}, async (relayer, dir) => {
      for (const [i, a] of relayer.nodes.entries()) {
        const b = relayer.nodes[1 - i]!;
        const bob = await address(b.options.home, 'bob');
        const there = voucher('channel-0', 'ubld');
        let relaying = await relayer.start();
        await transfer(a, 'alice', bob, '100ubld');
        await reaches(b, bob, there, 100);
        await relaying.kill();

        const seen = await txOf(b, 'recv_packet', 1);
        const first = seen.tx.body.messages.find((message) =>
          message['@type'].endsWith('MsgRecvPacket'),
        )!;
        await t.throwsAsync(deliver(b, dir, first), {
          message: /redundant/,
        });

        await transfer(a, 'alice', bob, '100ubld');
        const sent = await txOf(a, 'send_packet', 2);
        const timeout = sent.events
          .find(({ type }) => type === 'send_packet')!
          .attributes.find(({ key }) => key === 'packet_timeout_timestamp')!;
        const second = {
          ...first,
          packet: {
            ...first.packet,
            sequence: '2',
            timeout_timestamp: timeout.value,
          },
        };
        const at = Number(first.proof_height.revision_height);
        const proof_height = {
          ...first.proof_height,
          revision_height: String(at - 1),
        };
        const data = Buffer.from(String(first.packet['data']), 'base64');
        const more = data.toString().replace('"100"', '"900"');
        const packet = {
          ...second.packet,
          data: Buffer.from(more).toString('base64'),
        };
        for (const bad of [
          second,
          { ...second, proof_height },
          { ...second, packet },
          { ...second, packet: { ...second.packet, sequence: '3' } },
          { ...second, proof_commitment: '' },
          { ...second, proof_commitment: 'AAAA' },
        ]) {
          await t.throwsAsync(deliver(b, dir, bad), {
            message: /proof|consensus state/,
          });
        }
        t.is(await balance(b, bob, there), 100);
        t.is(await escrowed(a, 'ubld'), 200);

        relaying = await relayer.start();
        await relayer.flush('channel-0');
        await reaches(b, bob, there, 200);
        await relaying.kill();
      }
    });
  },
);
