import { join } from 'node:path';

import { address, type AgdNode } from '../support/node.js';
import { withLinkedChains, withRelayer } from '../support/relayer.js';
import { balance, reaches } from '../support/transfers.js';

/** What the vat published, as soon as it is another text than before. */
async function published(
  node: AgdNode,
  name: string,
  before = '',
): Promise<string> {
  for (let text = before; ; await node.height(node.committed() + 1)) {
    text = await node.vstorage(`published.${name}`);
    if (text !== before) return text;
  }
}

/** The remote address of the host, with the version that the vat proposes. */
const host = `/ibc-hop/connection-0/ibc-port/icahost/ordered/${JSON.stringify({
  version: 'ics27-1',
  controller_connection_id: 'connection-0',
  host_connection_id: 'connection-0',
  address: '',
  encoding: 'proto3json',
  tx_type: 'sdk_multi_msg',
})}`;

/** A packet by which an account pays. */
function payment(from: string, to: string, amount: string): string {
  const message = {
    '@type': '/cosmos.bank.v1beta1.MsgSend',
    from_address: from,
    to_address: to,
    amount: [{ denom: 'ubld', amount }],
  };
  const tx = JSON.stringify({ messages: [message] });
  const data = Buffer.from(tx).toString('base64');
  return JSON.stringify({ type: 'TYPE_EXECUTE_TX', data, memo: '' });
}

const config = join(import.meta.dirname, 'vats', 'config.json');

withRelayer(
  'a vat has an account on a chain of the other mode and pays with it',
  async (t) => {
    await withLinkedChains({ bootstrapVatConfig: config }, async (relayer) => {
      await relayer.relay(async () => {
        // Each chain is the host of the other's vat.
        for (const [i, a] of relayer.nodes.entries()) {
          const b = relayer.nodes[1 - i]!;
          const act = async (action: object): Promise<void> => {
            const text = JSON.stringify(action);
            await a.tx('swingset', 'wallet-action', text, '--from', 'alice');
          };
          t.is(await published(a, 'ready'), 'yes');
          await act({ host });
          const remote = await published(a, 'answer');
          const account = /"address":"(agoric1\w+)"/.exec(remote)?.[1] ?? '';
          t.not(account, '', remote);
          await b.tx('bank', 'send', 'alice', account, '100ubld');
          const bob = await address(b.options.home, 'bob');
          const before = await balance(b, bob, 'ubld');

          await act({ packet: payment(account, bob, '30') });
          const paid = await published(a, 'answer', remote);
          t.regex(paid, /"result"/);
          await reaches(b, bob, 'ubld', before + 30);

          await act({ packet: payment(account, bob, '71') });
          t.regex(
            await published(a, 'answer', paid),
            /"error":"ABCI code: 5: /,
          );
          t.is(await balance(b, account, 'ubld'), 70);
        }
      });
    });
  },
);
