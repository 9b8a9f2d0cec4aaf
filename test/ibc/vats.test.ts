import { join } from 'node:path';

import type { AgdNode } from '../support/node.js';
import { withLinkedChains, withRelayer } from '../support/relayer.js';

/** What a vat published, as soon as there is anything. */
async function published(node: AgdNode, name: string): Promise<string> {
  for (let text = ''; ; await node.height(node.committed() + 1)) {
    text = await node.vstorage(`published.${name}`);
    if (text !== '') return text;
  }
}

const config = join(import.meta.dirname, 'vats', 'config.json');

withRelayer(
  "a vat opens a channel to a vat of a chain of the other mode by Agoric's network vats, and gets its answer",
  async (t) => {
    await withLinkedChains({ bootstrapVatConfig: config }, async (relayer) => {
      await relayer.relay(async () => {
        // Each chain calls the other: both ends work in both modes.
        for (const node of relayer.nodes) {
          t.is(await published(node, 'ready'), 'yes');
          const call = {
            address:
              '/ibc-hop/connection-0/ibc-port/custom-echo/unordered/echo-1',
            word: `from ${node.options.mode}`,
          };
          await node.tx(
            ...['swingset', 'wallet-action', JSON.stringify(call)],
            ...['--from', 'alice'],
          );
          t.is(await published(node, 'answer'), call.word);
        }
      });
    });
  },
);
