import { address, type AgdNode } from '../support/node.js';
import { withLinkedChains, withRelayer } from '../support/relayer.js';
import {
  balance,
  escrowed,
  reaches,
  transfer,
  voucher,
} from '../support/transfers.js';

/** The memo of a transfer that the middle chain forwards to the last one. */
const forwardTo = (receiver: string): string =>
  JSON.stringify({
    forward: { receiver, port: 'transfer', channel: 'channel-1' },
  });

withRelayer(
  'coins go over a chain to a third one, and return if the third one refuses them',
  async (t) => {
    await withLinkedChains(
      { kinds: ['split', 'in-process', 'split'] },
      async (relayer) => {
        const [a, b, c] = relayer.nodes as [AgdNode, AgdNode, AgdNode];
        const [alice, bob] = await Promise.all([
          address(a.options.home, 'alice'),
          address(c.options.home, 'bob'),
        ]);
        const atB = voucher('channel-0', 'ubld');
        const atC = voucher('channel-0', 'channel-0', 'ubld');
        const before = await balance(a, alice, 'ubld');
        await relayer.relay(async () => {
          const memo = ['--memo', forwardTo(bob)];
          await transfer(a, 'alice', 'pfm', '100ubld', ...memo);
          await reaches(c, bob, atC, 100);
          t.is(await escrowed(a, 'ubld'), 100);
          t.is(await escrowed(b, atB), 100);

          const refused = ['--memo', forwardTo('nobody')];
          await transfer(a, 'alice', 'pfm', '7ubld', ...refused);
          await reaches(a, alice, 'ubld', before - 100);
          t.is(await escrowed(a, 'ubld'), 100);
          t.is(await escrowed(b, atB), 100);
          t.is(await balance(c, bob, atC), 100);
        });
      },
    );
  },
);
