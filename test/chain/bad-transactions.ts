import { gzipSync } from 'node:zlib';

import {
  bankSend,
  bytes,
  signedTx,
  varint,
  walletAction,
  type Message,
  type Signer,
  type TxOptions,
} from '@agd-bridge/chain-kit';
import { fromBech32 } from '@cosmjs/encoding';

import { chainId } from '../support/homes.js';

/** Who sends, and what is right for it now. */
export interface Sender {
  readonly alice: Signer;
  readonly sequence: number;
  readonly bob: string;
  /** Signs for an address that the chain has no account of. */
  readonly stranger: Signer;
}

/** What refuses a transaction. */
export type Layer =
  /** CometBFT's RPC, whose errors have codes of JSON-RPC. */
  | 'rpc'
  /** The application, before the transaction is in a block. */
  | 'check'
  /** The application, in a block. */
  | 'block';

export interface BadTransaction {
  readonly name: string;
  readonly layer: Layer;
  /** The transaction; or a text, which is what the RPC gets for one. */
  readonly tx: (sender: Sender) => Buffer | string;
  /** In codespace `sdk`; of JSON-RPC, where that refuses it. */
  readonly code: number;
  /** Its bytes are paid for all the same. */
  readonly charged?: true;
  readonly log: RegExp;
}

/** More than any bundle may have: `MaxBundleSize` in go/x/swingset/types. */
const MAX_BUNDLE = 10 * 1024 * 1024;
/** The defaults of config.toml: `mempool.max_tx_bytes`, `rpc.max_body_bytes` (go/options/txlimits.go). */
const MAX_TX = MAX_BUNDLE + 1024 * 1024;
const MAX_BODY = 2 * MAX_TX + 1024 * 1024;
/** Half of what the kernel's queue holds by default, which is what the mempool may fill. */
const MEMPOOL_ACTIONS = 500;

const text = (address: string): Buffer => Buffer.from(fromBech32(address).data);

/** A transaction that is right but for what is given. */
function txOf(
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

const pay = ({ alice, bob }: Sender, amount = 1): Message =>
  bankSend(alice.address, bob, { denom: 'uist', amount });

const actions = ({ alice }: Sender, count: number): readonly Message[] =>
  Array.from({ length: count }, () => walletAction(alice.address, '{}'));

const message = (name: string, ...fields: readonly Buffer[]): Message => ({
  typeUrl: `/agoric.swingset.${name}`,
  value: Buffer.concat(fields),
});

const bundle = ({ alice }: Sender, ...fields: readonly Buffer[]): Message =>
  message('MsgInstallBundle', bytes(2, text(alice.address)), ...fields);

const deliver = ({ alice }: Sender, ...fields: readonly Buffer[]): Message =>
  message('MsgDeliverInbound', ...fields, bytes(4, text(alice.address)));

const provision = (
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

const proposal = (
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

/** The same with another last byte: that of the signature. */
function tampered(tx: Buffer): Buffer {
  const last = tx.readUInt8(tx.length - 1);
  return Buffer.concat([tx.subarray(0, -1), Buffer.from([last ^ 1])]);
}

/** Of each layer what is not to get past it. */
export const badTransactions: readonly BadTransaction[] = [
  {
    name: 'text that is not base64',
    layer: 'rpc',
    tx: () => 'nonsense!',
    code: -32602,
    log: /Invalid params: .*illegal base64/,
  },
  {
    name: 'more bytes than a request may have',
    layer: 'rpc',
    // Hardly more: who still writes when the answer comes may not see it.
    tx: () => Buffer.alloc((MAX_BODY / 4) * 3),
    code: -32600,
    log: /Invalid Request: .*request body too large/,
  },
  {
    name: 'more bytes than a transaction may have',
    layer: 'rpc',
    tx: () => Buffer.alloc(MAX_TX + 1),
    code: -32603,
    log: /Tx too large\. Max size is 11534336, but got 11534337/i,
  },
  {
    name: 'no bytes',
    layer: 'check',
    tx: () => Buffer.alloc(0),
    code: 18,
    log: /must contain at least one message/,
  },
  {
    name: 'bytes that are no transaction',
    layer: 'check',
    tx: () => Buffer.from('nonsense'),
    code: 2,
    log: /tx parse error/,
  },
  {
    name: 'a transaction that is cut short',
    layer: 'check',
    tx: (sender) => txOf(sender, [pay(sender)]).subarray(0, -10),
    code: 2,
    log: /unexpected EOF: tx parse error/,
  },
  {
    name: 'an action that the chain does not know',
    layer: 'check',
    tx: (sender) => txOf(sender, [message('MsgFrobnicate')]),
    code: 2,
    log: /unable to resolve type URL \/agoric\.swingset\.MsgFrobnicate/,
  },
  {
    name: 'a field that the message does not have',
    layer: 'check',
    tx: (sender) =>
      txOf(sender, [
        {
          ...pay(sender),
          value: Buffer.concat([pay(sender).value, bytes(5, 'x')]),
        },
      ]),
    code: 2,
    log: /errUnknownField "\*types\.MsgSend": \{TagNum: 5/,
  },
  {
    name: 'no message',
    layer: 'check',
    tx: (sender) => txOf(sender, []),
    code: 18,
    log: /must contain at least one message/,
  },
  {
    name: 'a message without a signer',
    layer: 'check',
    tx: (sender) => txOf(sender, [message('MsgWalletAction', bytes(2, '{}'))]),
    code: 7,
    log: /owner is empty: invalid address/,
  },
  {
    name: "another one's message",
    layer: 'check',
    tx: (sender) =>
      txOf(sender, [
        bankSend(sender.bob, sender.alice.address, {
          denom: 'uist',
          amount: 1,
        }),
      ]),
    code: 8,
    log: /pubKey does not match signer address agoric1\w+ .*invalid pubkey/,
  },
  {
    name: 'a signer without an account',
    layer: 'check',
    tx: (sender) => {
      const { stranger: alice } = sender;
      return txOf({ ...sender, alice, sequence: 0 }, [
        pay({ ...sender, alice }),
      ]);
    },
    code: 9,
    log: /does not exist: unknown address/,
  },
  {
    name: 'a bad signature',
    layer: 'check',
    tx: (sender) => tampered(txOf(sender, [pay(sender)])),
    code: 4,
    log: /signature verification failed.*unauthorized/,
  },
  {
    name: 'a signature for another chain',
    layer: 'check',
    tx: (sender) => txOf(sender, [pay(sender)], { chainId: 'agd-other' }),
    code: 4,
    log: /signature verification failed.* chain-id \(agd-test\).*unauthorized/,
  },
  {
    name: 'a sequence that was used',
    layer: 'check',
    tx: (sender) => txOf(sender, [pay(sender)], { sequence: 0 }),
    code: 32,
    log: /account sequence mismatch, expected \d+, got 0/,
  },
  {
    name: 'a sequence to come',
    layer: 'check',
    tx: (sender) =>
      txOf(sender, [pay(sender)], { sequence: sender.sequence + 1 }),
    code: 32,
    log: /account sequence mismatch, expected \d+, got \d+/,
  },
  {
    name: 'less gas than the transaction costs',
    layer: 'check',
    tx: (sender) => txOf(sender, [pay(sender)], { gas: 1 }),
    code: 11,
    log: /gasWanted: 1, .*out of gas/,
  },
  {
    name: 'an action that is not JSON',
    layer: 'check',
    tx: (sender) =>
      txOf(sender, [walletAction(sender.alice.address, '{"method":')]),
    code: 17,
    log: /the action is not JSON/,
  },
  {
    name: 'an empty action',
    layer: 'check',
    tx: (sender) => txOf(sender, [walletAction(sender.alice.address, ' ')]),
    code: 6,
    log: /the action is empty/,
  },
  {
    name: 'an action that is not UTF-8',
    layer: 'check',
    tx: (sender) =>
      txOf(sender, [
        message(
          'MsgWalletAction',
          bytes(1, text(sender.alice.address)),
          bytes(2, Buffer.from([0x22, 0xff, 0xfe, 0x22])),
        ),
      ]),
    code: 2,
    log: /MsgWalletAction\.action contains invalid UTF-8/,
  },
  {
    name: 'an empty bundle',
    layer: 'check',
    tx: (sender) => txOf(sender, [bundle(sender)]),
    code: 6,
    log: /the bundle is empty/,
  },
  {
    name: 'a bundle that says it is too large',
    layer: 'check',
    tx: (sender) =>
      txOf(sender, [
        bundle(sender, bytes(3, gzipSync('{}')), varint(4, MAX_BUNDLE)),
      ]),
    code: 6,
    log: /the bundle is too large: 10485760 bytes, of less than 10485760/,
  },
  {
    name: 'a bundle that is larger than it says',
    layer: 'block',
    tx: (sender) =>
      txOf(sender, [
        bundle(
          sender,
          bytes(3, gzipSync(Buffer.alloc(2 * MAX_BUNDLE))),
          varint(4, 2),
        ),
      ]),
    code: 18,
    charged: true,
    log: /uncompressedSize is not the size of the bundle/,
  },
  {
    name: 'a bundle that is not compressed although it says so',
    layer: 'block',
    tx: (sender) =>
      txOf(sender, [
        bundle(sender, bytes(3, 'neither gzip nor JSON'), varint(4, 8)),
      ]),
    code: 18,
    charged: true,
    log: /compressedBundle: gzip: invalid header/,
  },
  {
    name: 'a bundle that is JSON, but no object',
    layer: 'block',
    tx: (sender) => txOf(sender, [bundle(sender, bytes(1, 'null'))]),
    code: 18,
    charged: true,
    log: /the bundle is not a JSON object/,
  },
  {
    name: 'a bundle that is not JSON',
    layer: 'block',
    tx: (sender) => txOf(sender, [bundle(sender, bytes(1, '{"moduleFormat"'))]),
    code: 18,
    charged: true,
    log: /the bundle is not a JSON object/,
  },
  {
    name: "a peer's messages without their numbers",
    layer: 'check',
    tx: (sender) => txOf(sender, [deliver(sender, bytes(1, 'hello'))]),
    code: 6,
    log: /1 messages have 0 numbers/,
  },
  {
    name: 'a number that JavaScript does not have',
    layer: 'check',
    tx: (sender) => txOf(sender, [deliver(sender, varint(3, 2 ** 53))]),
    code: 18,
    log: /ack is too large/,
  },
  {
    name: 'a provisioning without a nickname',
    layer: 'check',
    tx: (sender) => txOf(sender, [provision(sender, '', 'SMART_WALLET')]),
    code: 6,
    log: /the nickname is empty/,
  },
  {
    name: 'a provisioning of what nobody knows',
    layer: 'block',
    tx: (sender) => txOf(sender, [provision(sender, 'me', 'FROBNICATE')]),
    code: 18,
    log: /power flag "FROBNICATE" has no fee/,
  },
  {
    name: 'a message that is too large for the kernel once it is quoted',
    layer: 'check',
    tx: (sender) => {
      const [text, number] = [Buffer.alloc(3_000_000), Buffer.from([1])];
      return txOf(sender, [deliver(sender, bytes(1, text), bytes(2, number))]);
    },
    code: 21,
    log: /the action is too large for the kernel: 3\d{7} bytes as it quotes it, of at most 33553920 \(maxActionBytes\)/,
  },
  {
    name: 'a core eval without code',
    layer: 'block',
    tx: (sender) => txOf(sender, [proposal(sender, ['true', ' '])]),
    code: 18,
    log: /evals\[0\]: js_code is empty/,
  },
  {
    name: 'a core eval whose permits are not JSON',
    layer: 'block',
    tx: (sender) => txOf(sender, [proposal(sender, ['{bank: true}', '0'])]),
    code: 18,
    log: /evals\[0\]: json_permits is not JSON/,
  },
  {
    name: 'a proposal of nothing',
    layer: 'block',
    tx: (sender) => txOf(sender, [proposal(sender)]),
    code: 18,
    log: /the proposal has nothing to evaluate/,
  },
  {
    name: 'more coins than there are',
    layer: 'block',
    tx: (sender) => txOf(sender, [pay(sender, 1e15)]),
    code: 5,
    log: /spendable balance \d+uist is smaller than 1000000000000000uist/,
  },
  {
    name: 'more actions than the kernel has room for',
    layer: 'check',
    tx: (sender) => txOf(sender, actions(sender, MEMPOOL_ACTIONS + 1)),
    code: 20,
    log: /the kernel has 0 actions to do, of 500 at most: no room for 501 more: mempool is full/,
  },
];

/** As many actions as the mempool takes at once; alice has no wallet, so each asks for one too, and both fill the queue. */
export const fillingTransaction = (sender: Sender): Buffer =>
  txOf(sender, actions(sender, MEMPOOL_ACTIONS));

/** A payment and actions, for which a queue that is full has no room. */
export const lateTransaction = (sender: Sender): Buffer =>
  txOf(sender, [pay(sender), ...actions(sender, MEMPOOL_ACTIONS - 1)]);

/** What the chain takes, for it reads no further, and the kernel makes little of; and a payment. */
export const uselessTransaction = (sender: Sender): Buffer =>
  txOf(sender, [
    pay(sender),
    walletAction(sender.alice.address, '{"method":"frobnicate"}'),
    bundle(sender, bytes(1, '{"moduleFormat":"none"}')),
    deliver(sender, bytes(1, 'hello'), bytes(2, Buffer.from([7]))),
  ]);

/** A query that is to be refused. */
export interface BadQuery {
  readonly name: string;
  readonly path: string;
  readonly data: Buffer;
  /** In codespace `sdk`. */
  readonly code: number;
  readonly log: RegExp;
}

const badPath = (name: string, path: string, log: RegExp): BadQuery => ({
  name,
  path: '/agoric.vstorage.Query/Data',
  data: bytes(1, path),
  code: 18,
  log,
});

export const badQueries: readonly BadQuery[] = [
  badPath(
    'a path with bad characters',
    'published.b\u00e4nk',
    /path "published.b\\u00e4nk" contains invalid characters/,
  ),
  badPath('a path with a space', 'a b', /path "a b" contains invalid/),
  badPath('a path that starts with a dot', '.a', /starts with separator/),
  badPath('a path that ends with a dot', 'a.', /ends with separator/),
  badPath(
    'a path with an empty segment',
    'a..b',
    /contains doubled separators/,
  ),
  {
    name: 'children of a path with bad characters',
    path: '/agoric.vstorage.Query/Children',
    data: bytes(1, 'a/b'),
    code: 18,
    log: /path "a\/b" contains invalid characters/,
  },
  {
    name: 'bytes that are no request',
    path: '/agoric.vstorage.Query/Data',
    data: Buffer.from('nonsense'),
    code: 18,
    log: /illegal wireType 6: invalid request/,
  },
  {
    name: 'an account that is none',
    path: '/cosmos.bank.v1beta1.Query/AllBalances',
    data: bytes(1, 'agoric1nobody'),
    code: 18,
    log: /bech32/,
  },
  {
    name: 'a query that nobody answers',
    path: '/agoric.vstorage.Query/Frobnicate',
    data: Buffer.alloc(0),
    code: 6,
    log: /unknown query path/,
  },
];
