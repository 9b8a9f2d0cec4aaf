import { execFile } from 'node:child_process';
import { createECDH, createHash, createPrivateKey, sign } from 'node:crypto';
import { promisify } from 'node:util';

import { bech32 } from '@scure/base';

/**
 * Signs transactions in this process: the command line would take a second of
 * CPU time for each. Implements only the needed part of Cosmos' encoding.
 */
export interface Signer {
  readonly address: string;
  /** For accounts created by a block it exceeds the range of a number. */
  readonly accountNumber: number | bigint;
  readonly publicKey: Buffer;
  sign(message: Buffer): Buffer;
}

/** A message of a transaction, encoded. */
export interface Message {
  readonly typeUrl: string;
  readonly value: Buffer;
}

const run = promisify(execFile);

/** The signer of an account of the home's test keyring. The account must exist on the chain. */
export async function signerOf(
  agd: string,
  home: string,
  name: string,
  accountNumber: number,
): Promise<Signer> {
  const keys = async (...args: string[]): Promise<string> => {
    const test = ['--keyring-backend', 'test', '--home', home];
    return (await run(agd, ['keys', ...args, ...test])).stdout.trim();
  };
  const [hex, address] = await Promise.all([
    keys('export', name, '--unarmored-hex', '--unsafe', '--yes'),
    keys('show', name, '-a'),
  ]);
  return signerWith(Buffer.from(hex, 'hex'), address, accountNumber);
}

/** The signer with this private key, of 32 bytes. */
export function signerWith(
  privateKey: Buffer,
  address: string,
  accountNumber: number | bigint,
): Signer {
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(privateKey);
  const point = ecdh.getPublicKey();
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'secp256k1',
      d: privateKey.toString('base64url'),
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  return {
    address,
    accountNumber,
    publicKey: ecdh.getPublicKey(null, 'compressed'),
    sign: (message) =>
      withLowS(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })),
  };
}

/** A message that transfers coins. */
export function bankSend(
  from: string,
  to: string,
  coin: { readonly denom: string; readonly amount: number },
): Message {
  return {
    typeUrl: '/cosmos.bank.v1beta1.MsgSend',
    value: join(
      bytes(1, from),
      bytes(2, to),
      bytes(3, join(bytes(1, coin.denom), bytes(2, String(coin.amount)))),
    ),
  };
}

/**
 * A message that queues an action, which is JSON, for the kernel. @throws Error
 * if the owner is not a bech32 address
 */
export function walletAction(owner: string, action: string): Message {
  const address = Buffer.from(bech32.decodeToBytes(owner).bytes);
  return {
    typeUrl: '/agoric.swingset.MsgWalletAction',
    value: join(bytes(1, address), bytes(2, action)),
  };
}

/** The length of an account's address, in bytes. */
const ADDRESS_BYTES = 20;

/**
 * An address on the chain of another address, of the first 20 of some bytes.
 * @throws Error if the other one is not a bech32 address
 */
export function addressBeside(other: string, bytes: Uint8Array): string {
  const { prefix } = bech32.decodeToBytes(other);
  return bech32.encodeFromBytes(prefix, bytes.subarray(0, ADDRESS_BYTES));
}

/** The fields of a transaction beside its messages. */
export interface TxOptions {
  readonly chainId: string;
  readonly sequence: number;
  readonly gas: number;
}

/** Encodes a signed transaction without a fee, as CometBFT accepts it. */
export function signedTx(
  signer: Signer,
  messages: readonly Message[],
  { chainId, sequence, gas }: TxOptions,
): Buffer {
  const body = join(...messages.map((message) => bytes(1, any(message))));
  const publicKey = any({
    typeUrl: '/cosmos.crypto.secp256k1.PubKey',
    value: bytes(1, signer.publicKey),
  });
  const SIGN_MODE_DIRECT = 1;
  const signerInfo = join(
    bytes(1, publicKey),
    bytes(2, bytes(1, varint(1, SIGN_MODE_DIRECT))),
    varint(3, sequence),
  );
  const authInfo = join(bytes(1, signerInfo), bytes(2, varint(2, gas)));
  const signDoc = join(
    bytes(1, body),
    bytes(2, authInfo),
    bytes(3, chainId),
    varint(4, signer.accountNumber),
  );
  return join(
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

/** Two signatures are valid; Cosmos accepts only the one with the smaller s. */
function withLowS(signature: Buffer): Buffer {
  const s = BigInt(`0x${signature.toString('hex', 32)}`);
  if (s <= ORDER / 2n) return signature;
  const low = (ORDER - s).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(low, 'hex')]);
}

function any({ typeUrl, value }: Message): Buffer {
  return join(bytes(1, typeUrl), bytes(2, value));
}

function join(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

/** A field of bytes or text, in the protocol buffers encoding. */
export function bytes(field: number, value: Buffer | string): Buffer {
  const data = Buffer.from(value);
  return Buffer.concat([number((field << 3) | 2), number(data.length), data]);
}

/** A field with a number, likewise. Zero is the default, which is omitted. */
export function varint(field: number, value: number | bigint): Buffer {
  if (BigInt(value) === 0n) return Buffer.alloc(0);
  return Buffer.concat([number(field << 3), number(value)]);
}

function number(value: number | bigint): Buffer {
  const out: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 127n) | 128);
  }
}
