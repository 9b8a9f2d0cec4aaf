import {
  bankSend,
  bytes,
  signedTx,
  walletAction,
  type Message,
  type Signer,
  type TxOptions,
} from '@agd-bridge/chain-kit';
import { fromBech32 } from '@cosmjs/encoding';

import { chainId } from '../support/homes.js';

/** The accounts of a transaction, and alice's next sequence. */
export interface Sender {
  readonly alice: Signer;
  readonly sequence: number;
  readonly bob: string;
  /** Signs for an address without an account. */
  readonly stranger: Signer;
}

/** No parameter admits larger bundles: `MaxBundleSize` in go/x/swingset/types, in bytes. */
export const MAX_BUNDLE = 10 * 1024 * 1024;
/**
 * Defaults of config.toml, in bytes: `mempool.max_tx_bytes` and
 * `rpc.max_body_bytes` (go/options/txlimits.go).
 */
export const MAX_TX = MAX_BUNDLE + 1024 * 1024;
export const MAX_BODY = 2 * MAX_TX + 1024 * 1024;
/** The mempool may fill half of the kernel's queue, whose default is 1000. */
export const MEMPOOL_ACTIONS = 500;

/**
 * The longest address in Bech32 (BIP 173). CosmJS 0.38's default, without a
 * limit, fails in the library that it calls.
 */
export const ADDRESS_LENGTH = 90;

export const text = (address: string): Buffer =>
  Buffer.from(fromBech32(address, ADDRESS_LENGTH).data);

/** A transaction that is valid except for the arguments' changes. */
export function txOf(
  { alice, sequence }: Sender,
  messages: readonly Message[],
  options: Partial<TxOptions> = {},
): Buffer {
  return signedTx(alice, messages, {
    chainId,
    sequence,
    gas: 50_000_000,
    ...options,
  });
}

export const pay = ({ alice, bob }: Sender, amount = 1): Message =>
  bankSend(alice.address, bob, { denom: 'uist', amount });

export const actions = ({ alice }: Sender, count: number): readonly Message[] =>
  Array.from({ length: count }, () => walletAction(alice.address, '{}'));

export const message = (
  name: string,
  ...fields: readonly Buffer[]
): Message => ({
  typeUrl: `/agoric.swingset.${name}`,
  value: Buffer.concat(fields),
});

export const bundle = (
  { alice }: Sender,
  ...fields: readonly Buffer[]
): Message =>
  message('MsgInstallBundle', bytes(2, text(alice.address)), ...fields);

export const deliver = (
  { alice }: Sender,
  ...fields: readonly Buffer[]
): Message =>
  message('MsgDeliverInbound', ...fields, bytes(4, text(alice.address)));

export const provision = (
  { alice, bob }: Sender,
  nickname: string,
  ...flags: readonly string[]
): Message =>
  message(
    'MsgProvision',
    bytes(1, nickname),
    bytes(2, text(bob)),
    ...flags.map((flag) => bytes(3, flag)),
    bytes(4, text(alice.address)),
  );

/** A proposal of a proposal, and so on, `depth` of them. */
export function nestedProposals(depth: number): Message {
  const typeUrl = '/cosmos.gov.v1.MsgSubmitProposal';
  let value = bytes(5, 'title');
  for (let level = 1; level < depth; level += 1) {
    const any = Buffer.concat([bytes(1, typeUrl), bytes(2, value)]);
    value = Buffer.concat([bytes(1, any), bytes(5, 'title')]);
  }
  return { typeUrl, value };
}

export const proposal = (
  { alice }: Sender,
  ...evals: readonly (readonly [permits: string, code: string])[]
): Message => {
  const content = [
    bytes(1, 'title'),
    bytes(2, 'description'),
    ...evals.map(([permits, code]) =>
      bytes(3, Buffer.concat([bytes(1, permits), bytes(2, code)])),
    ),
  ];
  const any = [
    bytes(1, '/agoric.swingset.CoreEvalProposal'),
    bytes(2, Buffer.concat(content)),
  ];
  const deposit = [bytes(1, 'ubld'), bytes(2, '10000000')];
  return {
    typeUrl: '/cosmos.gov.v1beta1.MsgSubmitProposal',
    value: Buffer.concat([
      bytes(1, Buffer.concat(any)),
      bytes(2, Buffer.concat(deposit)),
      bytes(3, alice.address),
    ]),
  };
};

/** The transaction with a changed last byte, which belongs to its signature. */
export function tampered(tx: Buffer): Buffer {
  const last = tx.readUInt8(tx.length - 1);
  return Buffer.concat([tx.subarray(0, -1), Buffer.from([last ^ 1])]);
}
