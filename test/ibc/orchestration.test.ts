import { join } from 'node:path';

import { address, type AgdNode } from '../support/node.js';
import { withLinkedChains, withRelayer } from '../support/relayer.js';
import { balance, escrowed, voucher } from '../support/transfers.js';

/** The core with the proposals of `@agd-bridge/vats/src/orchestration.js`. */
const config = join(import.meta.dirname, 'vats', 'orchestration-config.json');

/** The values of a stream cell. */
function values(data: string): readonly string[] {
  if (data === '') return [];
  return (JSON.parse(data) as { values: string[] }).values;
}

/** Resolves with the data at a path once they match. */
async function published(
  node: AgdNode,
  path: string,
  wanted: RegExp,
): Promise<string> {
  for (;;) {
    const data = await node.vstorage(path);
    if (wanted.test(data)) return data;
    await node.height(node.committed() + 1);
  }
}

/** Gives alice a smart wallet. */
async function provision(node: AgdNode, alice: string): Promise<void> {
  await node.tx(
    ...['swingset', 'provision-one', 'alice', alice, 'SMART_WALLET'],
    ...['--from', 'alice', '--gas', '1000000'],
  );
  await published(node, `published.wallet.${alice}.current`, /purses/);
}

/** Lets alice's wallet send ubld by the contract. */
async function send(
  node: AgdNode,
  id: string,
  amount: number,
  receiver: string,
): Promise<void> {
  const names = values(await node.vstorage('published.agoricNames.brand'));
  const { body, slots } = JSON.parse(names.at(-1) ?? '') as {
    body: string;
    slots: string[];
  };
  const brand = /\["BLD","\$(\d+)/.exec(body)?.[1] ?? '';
  const action = {
    method: 'executeOffer',
    offer: {
      id,
      invitationSpec: {
        source: 'agoricContract',
        instancePath: ['sendAnywhere'],
        callPipe: [['makeSendInvitation']],
      },
      proposal: {
        give: {
          Send: { brand: '$0.Alleged: BLD brand', value: `+${String(amount)}` },
        },
      },
      offerArgs: { chainName: 'there', destAddr: receiver },
    },
  };
  const text = JSON.stringify({
    body: `#${JSON.stringify(action)}`,
    slots: [slots[Number(brand)]],
  });
  await node.tx(
    ...['swingset', 'wallet-action', text, '--allow-spend'],
    ...['--from', 'alice', '--gas', '1000000'],
  );
}

withRelayer(
  'a contract of @agoric/orchestration sends coins from its local account to a chain of the other mode and learns the outcome',
  async (t) => {
    t.timeout(30 * 60_000, 'the core boots twice');
    await withLinkedChains({ bootstrapVatConfig: config }, async (relayer) => {
      await relayer.relay(async () => {
        // Each chain sends to the other, so both modes do both.
        for (const [i, a] of relayer.nodes.entries()) {
          const b = relayer.nodes[1 - i]!;
          const [alice, bob] = await Promise.all([
            address(a.options.home, 'alice'),
            address(b.options.home, 'bob'),
          ]);
          await provision(a, alice);
          const log = 'published.send-anywhere.log';
          const wallet = `published.wallet.${alice}`;

          await send(a, 'good', 100, bob);
          await published(a, log, /transfer complete, seat exited/);
          t.is(await balance(b, bob, voucher('channel-0', 'ubld')), 100);
          t.is(await escrowed(a, 'ubld'), 100);
          await published(a, wallet, /good.*numWantsSatisfied/s);

          // The other chain refuses the receiver: the offer gets its coins.
          const before = await balance(a, alice, 'ubld');
          await send(a, 'refused', 7, 'nobody');
          await published(a, log, /ERROR: IBC Transfer failed/);
          t.regex(
            await published(a, wallet, /refused.*"error|error.*refused/s),
            /IBC Transfer failed/,
          );
          t.is(await escrowed(a, 'ubld'), 100);
          t.true(before - (await balance(a, alice, 'ubld')) < 7 + 1_000_000);
        }
      });
    });
  },
);
