import { createHash } from 'node:crypto';

import test from 'ava';

import { signedTx, txHash, walletAction, type Signer } from '../src/tx.js';

const signer: Signer = {
  address: 'agoric1abc',
  accountNumber: 3,
  publicKey: Buffer.from([2, 1]),
  sign: () => Buffer.from('signature'),
};

const owner = 'agoric1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqwrpa2';

test('a wallet action is encoded as the chain decodes it', (t) => {
  const { typeUrl, value } = walletAction(owner, '{}');
  t.is(typeUrl, '/agoric.swingset.MsgWalletAction');
  t.is(value.toString('latin1'), `\n\x14${'\x01'.repeat(20)}\x12\x02{}`);
});

test('an owner that is not an address is refused', (t) => {
  t.throws(() => walletAction(`${owner.slice(0, -1)}3`, '{}'), {
    message: /checksum/,
  });
});

test('the messages of a transaction keep their order, long ones too', (t) => {
  const messages = ['x'.repeat(300), 'y'].map((action) =>
    walletAction(owner, action),
  );
  const options = { chainId: 'c', sequence: 0, gas: 5 };
  const tx = signedTx(signer, messages, options).toString('latin1');
  t.true(tx.indexOf('x'.repeat(300)) < tx.indexOf('\x12\x01y'));
  t.true(tx.endsWith('\x1a\x09signature'));
});

test("a transaction's hash equals CometBFT's", (t) => {
  const tx = Buffer.from('tx');
  const wanted = createHash('sha256').update(tx).digest('hex').toUpperCase();
  t.is(txHash(tx), wanted);
});
