import { gzipSync } from 'node:zlib';

import { bankSend, bytes, varint, walletAction } from '@agd-bridge/chain-kit';

import {
  MAX_BODY,
  MAX_BUNDLE,
  MAX_TX,
  MEMPOOL_ACTIONS,
  actions,
  bundle,
  deliver,
  message,
  nestedProposals,
  pay,
  proposal,
  provision,
  tampered,
  text,
  txOf,
  type Sender,
} from './crafted.js';

/** The part of a node that refuses a transaction. */
export type Layer =
  /** CometBFT's RPC, with error codes of JSON-RPC. */
  | 'rpc'
  /** The application, before the transaction is in a block. */
  | 'check'
  /** The application, in a block. */
  | 'block';

export interface BadTransaction {
  readonly name: string;
  readonly layer: Layer;
  /** The transaction; a string is passed to the RPC as it is. */
  readonly tx: (sender: Sender) => Buffer | string;
  /** Error code, in codespace `sdk` or of JSON-RPC. */
  readonly code: number;
  /** Its bytes are charged although it is refused. */
  readonly charged?: true;
  readonly log: RegExp;
}

/** For each layer, what it must refuse. */
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
    // Only a little more: a client that is still writing may miss the response.
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
    name: 'bytes that are not a transaction',
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
    name: 'a message of an unknown type',
    layer: 'check',
    tx: (sender) => txOf(sender, [message('MsgFrobnicate')]),
    code: 2,
    log: /unable to resolve type URL \/agoric\.swingset\.MsgFrobnicate/,
  },
  {
    name: 'an unknown field in a message',
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
    name: 'messages in more than 64 levels',
    layer: 'check',
    tx: (sender) => txOf(sender, [nestedProposals(64)]),
    code: 2,
    log: /messages are nested deeper than 64 levels: tx parse error/,
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
    name: "another account's message",
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
    name: 'a used sequence',
    layer: 'check',
    tx: (sender) => txOf(sender, [pay(sender)], { sequence: 0 }),
    code: 32,
    log: /account sequence mismatch, expected \d+, got 0/,
  },
  {
    name: 'a future sequence',
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
    name: 'a bundle that declares too large a size',
    layer: 'check',
    tx: (sender) =>
      txOf(sender, [
        bundle(sender, bytes(3, gzipSync('{}')), varint(4, MAX_BUNDLE)),
      ]),
    code: 6,
    log: /the bundle is too large: 10485760 bytes, of less than 10485760/,
  },
  {
    name: 'a bundle that is larger than declared',
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
    name: 'a bundle that is not compressed, but declared so',
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
    name: 'a bundle that is JSON, but not an object',
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
    name: "a peer's messages without numbers",
    layer: 'check',
    tx: (sender) => txOf(sender, [deliver(sender, bytes(1, 'hello'))]),
    code: 6,
    log: /1 messages have 0 numbers/,
  },
  {
    name: 'a number too large for JavaScript',
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
    name: 'a provisioning with an unknown power flag',
    layer: 'block',
    tx: (sender) => txOf(sender, [provision(sender, 'me', 'FROBNICATE')]),
    code: 18,
    log: /power flag "FROBNICATE" has no fee/,
  },
  {
    name: 'a message too large for the kernel after quoting',
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
    name: 'a proposal without evaluations',
    layer: 'block',
    tx: (sender) => txOf(sender, [proposal(sender)]),
    code: 18,
    log: /the proposal has nothing to evaluate/,
  },
  {
    name: 'more coins than the account has',
    layer: 'block',
    tx: (sender) => txOf(sender, [pay(sender, 1e15)]),
    code: 5,
    log: /spendable balance \d+uist is smaller than 1000000000000000uist/,
  },
  {
    name: "more actions than fit in the kernel's queue",
    layer: 'check',
    tx: (sender) => txOf(sender, actions(sender, MEMPOOL_ACTIONS + 1)),
    code: 20,
    log: /the kernel has 0 actions to do, of 500 at most: no room for 501 more: mempool is full/,
  },
];

/**
 * As many actions as the mempool accepts at once. Alice has no wallet, so each
 * action also requests one, and both together fill the queue.
 */
export const fillingTransaction = (sender: Sender): Buffer =>
  txOf(sender, actions(sender, MEMPOOL_ACTIONS));

/** A payment and actions that do not fit into a full queue. */
export const lateTransaction = (sender: Sender): Buffer =>
  txOf(sender, [pay(sender), ...actions(sender, MEMPOOL_ACTIONS - 1)]);

/**
 * A payment, and messages that the chain accepts, because it does not look into
 * them, and the kernel cannot use.
 */
export const uselessTransaction = (sender: Sender): Buffer =>
  txOf(sender, [
    pay(sender),
    walletAction(sender.alice.address, '{"method":"frobnicate"}'),
    bundle(sender, bytes(1, '{"moduleFormat":"none"}')),
    deliver(sender, bytes(1, 'hello'), bytes(2, Buffer.from([7]))),
  ]);
