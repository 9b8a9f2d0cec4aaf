import test from 'ava';

import { runOracle } from './run.js';
import { scenarioOfSends } from './scenario.js';

const alice = 'agoric1alice';
const bob = 'agoric1bob';

const genesis = [
  { address: alice, denom: 'ubld', amount: '50' },
  { address: alice, denom: 'uist', amount: '9007199254740993000' },
];

test('a scenario reports the balances that each block changed, in order', (t) => {
  const { blocks } = scenarioOfSends(genesis, [
    [
      { from: alice, to: bob, denom: 'uist', amount: 1n },
      { from: alice, to: bob, denom: 'ubld', amount: 50n },
    ],
    [],
    [{ from: bob, to: bob, denom: 'uist', amount: 1n }],
  ]);
  t.deepEqual(blocks, [
    [
      { address: alice, denom: 'ubld', amount: '0' },
      { address: alice, denom: 'uist', amount: '9007199254740992999' },
      { address: bob, denom: 'ubld', amount: '50' },
      { address: bob, denom: 'uist', amount: '1' },
    ],
    [],
    [{ address: bob, denom: 'uist', amount: '1' }],
  ]);
  t.throws(
    () =>
      scenarioOfSends(genesis, [
        [{ from: bob, to: alice, denom: 'ubld', amount: 1n }],
      ]),
    { instanceOf: RangeError },
  );
});

test("Agoric's own test kit sees the bank mirror publish balances as the chain has them", async (t) => {
  const writes = await runOracle(
    scenarioOfSends(genesis, [
      [{ from: alice, to: bob, denom: 'uist', amount: 1n }],
      [],
      [{ from: alice, to: bob, denom: 'ubld', amount: 50n }],
    ]),
  );
  t.deepEqual(writes, [
    [`published.bank.${alice}`, '{"uist":"9007199254740992999"}'],
    [`published.bank.${bob}`, '{"uist":"1"}'],
    [`published.bank.${alice}`, '{"uist":"9007199254740992999"}'],
    [`published.bank.${bob}`, '{"ubld":"50","uist":"1"}'],
  ]);
});
