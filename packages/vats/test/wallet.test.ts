import test from 'ava';

import { ownerAndAction, withAction } from '../src/wallet.js';

test('a wallet action has an owner and a text', (t) => {
  const message = { type: 'WALLET_ACTION', owner: 'agoric1abc', action: '{}' };
  t.deepEqual(ownerAndAction(message), { owner: 'agoric1abc', action: '{}' });
  for (const other of [
    null,
    'text',
    { ...message, type: 'VBANK_BALANCE_UPDATE' },
    { ...message, owner: 'a.b' },
    { ...message, owner: 7 },
    { ...message, action: undefined },
  ]) {
    t.is(ownerAndAction(other), undefined);
  }
});

test('the count continues from the published one, and restarts after invalid text', (t) => {
  t.is(withAction(null, 'a'), '{"actions":1,"last":"a"}');
  t.is(withAction('{"actions":1,"last":"a"}', 'b'), '{"actions":2,"last":"b"}');
  for (const odd of [
    '',
    'null',
    '[]',
    '{"actions":"1"}',
    '{"actions":-4}',
    7,
  ]) {
    t.is(withAction(odd, 'b'), '{"actions":1,"last":"b"}');
  }
});
