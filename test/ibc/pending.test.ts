import { join } from 'node:path';

import { withTempDir } from '../support/homes.js';
import { AgdNode } from '../support/node.js';
import { Relayer, relayedChains, withRelayer } from '../support/relayer.js';

/** Resolves when a vat has published a text. */
async function reads(
  node: AgdNode,
  name: string,
  wanted: string,
): Promise<void> {
  while ((await node.vstorage(`published.${name}`)) !== wanted) {
    await node.height(node.committed() + 1);
  }
}

async function act(node: AgdNode, action: object): Promise<void> {
  await node.tx(
    ...['swingset', 'wallet-action', JSON.stringify(action)],
    ...['--from', 'alice'],
  );
}

/** Lets the vat of a chain send a word to the vat of the other chain. */
async function say(node: AgdNode, word: string): Promise<void> {
  const address = '/ibc-hop/connection-0/ibc-port/custom-hold/unordered/hold-1';
  await act(node, { address, word });
}

/** Packets that a chain has sent and that are neither acknowledged nor timed out. */
async function unacknowledged(node: AgdNode, channel: string): Promise<number> {
  const answer = await node.agd(
    ...['query', 'ibc', 'channel', 'packet-commitments'],
    ...['custom-caller', channel, '--output', 'json'],
  );
  return (JSON.parse(answer) as { commitments: unknown[] }).commitments.length;
}

withRelayer(
  'a packet that a vat holds is answered after its node was killed and has changed its mode',
  async (t) => {
    await withTempDir(async (dir) => {
      const chains = await relayedChains(
        dir,
        join(import.meta.dirname, 'vats', 'config.json'),
      );
      const relayer = await Relayer.create(join(dir, 'relayer'), chains);
      const nodes = [...relayer.nodes];
      let relaying;
      try {
        await relayer.link();
        relaying = await relayer.start();
        for (const i of [0, 1]) {
          const [a, b] = [nodes[i]!, nodes[1 - i]!];
          await reads(b, 'ready', 'yes');
          await say(a, 'keep');
          await reads(b, 'held', 'keep');

          await b.kill();
          const mode = b.options.mode === 'split' ? 'in-process' : 'split';
          const again = new AgdNode({ ...b.options, mode });
          nodes[1 - i] = again;
          await again.pids();
          const answer = `freed by ${mode}`;
          await act(again, { release: answer });
          await reads(a, 'answer', answer);
          t.is(await unacknowledged(a, `channel-${String(1 + i)}`), 0);
        }
      } finally {
        await relaying?.kill();
        await Promise.all(nodes.map(async (node) => node.kill()));
      }
    });
  },
);
