import { existsSync } from 'node:fs';
import { join } from 'node:path';

import test from 'ava';

import { withTempDir } from '../support/homes.js';
import type { AgdNode } from '../support/node.js';
import { Relayer, relayedChains, rly } from '../support/relayer.js';

/** `make test-ibc` runs these; it builds the relayer first. */
const withRelayer = existsSync(rly) ? test.serial : test.serial.skip;

/** What a vat published, as soon as there is anything. */
async function published(node: AgdNode, name: string): Promise<string> {
  for (let text = ''; ; await node.height(node.committed() + 1)) {
    text = await node.vstorage(`published.${name}`);
    if (text !== '') return text;
  }
}

withRelayer(
  "a vat opens a channel to a vat of a chain of the other mode by Agoric's network vats, and gets its answer",
  async (t) => {
    await withTempDir(async (dir) => {
      const chains = await relayedChains(
        dir,
        join(import.meta.dirname, 'vats', 'config.json'),
      );
      try {
        const relayer = await Relayer.create(join(dir, 'relayer'), chains);
        await relayer.link();
        const relaying = await relayer.start();
        try {
          // Each chain calls the other: both ends work in both modes.
          for (const { node } of chains) {
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
        } finally {
          await relaying.kill();
        }
      } finally {
        await Promise.all(chains.map(({ node }) => node.kill()));
      }
    });
  },
);
