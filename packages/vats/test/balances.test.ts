import test from 'ava';

import { mergeBalances, touchedBalances } from '../src/balances.js';

const update = (updated: unknown): unknown => ({
  type: 'VBANK_BALANCE_UPDATE',
  nonce: '1',
  updated,
});

test('denoms are read once each, by address in order of first mention', (t) => {
  const touched = touchedBalances(
    update([
      { address: 'agoric1b', denom: 'uist', amount: '1' },
      { address: 'agoric1a', denom: 'ubld' },
      { address: 'agoric1b', denom: 'ibc/F00' },
      { address: 'agoric1b', denom: 'uist' },
    ]),
  );
  t.deepEqual(
    [...touched],
    [
      ['agoric1b', ['uist', 'ibc/F00']],
      ['agoric1a', ['ubld']],
    ],
  );
});

const malformed: unknown[] = [
  undefined,
  null,
  'VBANK_BALANCE_UPDATE',
  {},
  { type: 'OTHER', updated: [{ address: 'a', denom: 'd' }] },
  update(undefined),
  update('x'),
  update([null, 1, [], {}, { address: 'a' }, { denom: 'd' }]),
  update([{ address: 'a.b', denom: 'd' }]),
  update([{ address: '', denom: 'd' }]),
  update([{ address: 'a', denom: '' }]),
  update([{ address: { x: 1 }, denom: 'd' }]),
];

for (const message of malformed) {
  test(`nothing is read for ${JSON.stringify(message)}`, (t) => {
    t.is(touchedBalances(message).size, 0);
  });
}

test('known denoms are kept, sorted, and zero ones dropped', (t) => {
  const published = mergeBalances(null, [
    ['uist', '1000'],
    ['ubld', '5'],
  ]);
  t.is(published, '{"ubld":"5","uist":"1000"}');
  t.is(
    mergeBalances(published, [
      ['ubld', '0'],
      ['7', '1'],
      ['Z', '2'],
    ]),
    '{"7":"1","Z":"2","uist":"1000"}',
  );
  t.is(mergeBalances('{"uist":"1"}', [['uist', '0']]), '{}');
});

test('a response that is not an amount leaves the balance unchanged', (t) => {
  for (const answer of [null, 5, '', '-1', '1.5', '01', { error: 'x' }]) {
    t.is(mergeBalances('{"uist":"1"}', [['uist', answer]]), '{"uist":"1"}');
  }
});

test('published text that is not a record of amounts counts as empty', (t) => {
  for (const published of [null, undefined, '', '{', 'null', '7', '["5"]', 5]) {
    t.is(mergeBalances(published, [['uist', '1']]), '{"uist":"1"}');
  }
});
