import { createECDH, createHash, createPrivateKey, sign } from 'node:crypto';

import { chainId } from './homes.js';
import { address, runAgd } from './node.js';

/**
 * Bank transactions, signed here: the command line would take a second of CPU
 * for each. Only what `MsgSend` needs of Cosmos' encoding.
 */
export interface Signer {
  readonly address: string;
  readonly accountNumber: number;
  readonly publicKey: Buffer;
  sign(message: Buffer): Buffer;
}

/** The signer of an account of the home's test keyring. The account must exist on the chain. */
export async function signerOf(
  home: string,
  name: string,
  accountNumber: number,
): Promise<Signer> {
  const hex = await runAgd(home, [
    ...['keys', 'export', name, '--keyring-backend', 'test'],
    ...['--unarmored-hex', '--unsafe', '--yes'],
  ]);
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(hex, 'hex');
  const point = ecdh.getPublicKey();
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'secp256k1',
      d: Buffer.from(hex, 'hex').toString('base64url'),
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  return {
    address: await address(home, name),
    accountNumber,
    publicKey: ecdh.getPublicKey(null, 'compressed'),
    sign: (message) =>
      withLowS(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })),
  };
}

/** A signed transaction, as CometBFT takes it. */
export function bankSend(
  signer: Signer,
  sequence: number,
  to: string,
  coin: { readonly denom: string; readonly amount: number },
): Buffer {
  const send = message(
    bytes(1, signer.address),
    bytes(2, to),
    bytes(3, message(bytes(1, coin.denom), bytes(2, String(coin.amount)))),
  );
  const body = message(bytes(1, any('/cosmos.bank.v1beta1.MsgSend', send)));
  const publicKey = any(
    '/cosmos.crypto.secp256k1.PubKey',
    message(bytes(1, signer.publicKey)),
  );
  const SIGN_MODE_DIRECT = 1;
  const signerInfo = message(
    bytes(1, publicKey),
    bytes(2, message(bytes(1, message(varint(1, SIGN_MODE_DIRECT))))),
    varint(3, sequence),
  );
  const fee = message(varint(2, 200_000));
  const authInfo = message(bytes(1, signerInfo), bytes(2, fee));
  const signDoc = message(
    bytes(1, body),
    bytes(2, authInfo),
    bytes(3, chainId),
    varint(4, signer.accountNumber),
  );
  return message(
    bytes(1, body),
    bytes(2, authInfo),
    bytes(3, signer.sign(signDoc)),
  );
}

/** A transaction's hash, as CometBFT shows it. */
export function txHash(tx: Buffer): string {
  return createHash('sha256').update(tx).digest('hex').toUpperCase();
}

/** The order of secp256k1's group. */
const ORDER = BigInt(
  '0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
);

/** Of the two signatures that hold, Cosmos takes the one with the smaller s. */
function withLowS(signature: Buffer): Buffer {
  const s = BigInt(`0x${signature.toString('hex', 32)}`);
  if (s <= ORDER / 2n) return signature;
  const low = (ORDER - s).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(low, 'hex')]);
}

function any(typeUrl: string, value: Buffer): Buffer {
  return message(bytes(1, typeUrl), bytes(2, value));
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function bytes(field: number, value: Buffer | string): Buffer {
  const data = Buffer.from(value);
  return Buffer.concat([number((field << 3) | 2), number(data.length), data]);
}

/** Zero is the default, which is left out. */
function varint(field: number, value: number): Buffer {
  if (value === 0) return Buffer.alloc(0);
  return Buffer.concat([number(field << 3), number(value)]);
}

function number(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest]);
    out.push((rest % 128) | 128);
  }
}
