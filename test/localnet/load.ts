import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import {
  bankSend,
  bytes,
  signedTx,
  signerOf,
  signerWith,
  txHash,
  walletAction,
  type Message,
  type Signer,
} from '@agd-bridge/chain-kit';
import {
  recordOf,
  type NetworkRecord,
  type NodeRecord,
} from '@agd-bridge/localnet';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import { StargateClient } from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';
import { Agent, fetch } from 'undici';

import { runAgd } from '../support/node.js';
import { agd } from '../support/paths.js';
import { patience } from '../support/process.js';

const KERNEL_BUSY = 20;
const WRONG_SEQUENCE = 32;
/** Until a refused transaction is given again, in milliseconds. */
const RETRY = 100;
/** What each account gets, in its denom. */
const FUNDS = 10_000_000;

/** The network in a directory, which runs. */
export async function networkIn(dir: string): Promise<NetworkRecord> {
  const record = await recordOf(dir);
  if (record === undefined) throw new Error(`no network in ${dir}`);
  return record;
}

/** Few connections, and time for each: a busy node does not take hundreds at once. */
const dispatcher = new Agent({
  connections: 16,
  connect: { timeout: patience },
  headersTimeout: patience,
});

/** Calls CometBFT's RPC of a node. @throws Error with the RPC's error */
export async function call<T>(node: NodeRecord, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${String(node.rpc)}/${path}`, {
    dispatcher,
    signal: AbortSignal.timeout(patience),
  });
  const { result, error } = (await response.json()) as {
    result?: T;
    error?: { message: string; data: string };
  };
  if (result === undefined) {
    throw new Error(`${String(error?.message)}: ${String(error?.data)}`);
  }
  return result;
}

/** An account that sends through one node. */
export interface Account {
  readonly node: NodeRecord;
  readonly signer: Signer;
}

/** A transaction, and where it goes. */
export interface Sending {
  readonly node: NodeRecord;
  readonly tx: Buffer;
}

/** Accounts' numbers and sequences, by address. */
async function accountsIn(
  home: string,
): Promise<ReadonlyMap<string, { number: bigint; sequence: number }>> {
  const { accounts } = JSON.parse(
    await runAgd(home, [
      ...['query', 'auth', 'accounts', '--page-limit', '1000'],
      ...['--output', 'json'],
    ]),
  ) as {
    accounts: {
      value: { address: string; account_number?: string; sequence?: string };
    }[];
  };
  return new Map(
    accounts.map(
      ({ value: { address, account_number = '0', sequence = '0' } }) => [
        address,
        { number: BigInt(account_number), sequence: Number(sequence) },
      ],
    ),
  );
}

/** Addresses of new accounts and a transaction of alice's that gives them coins. */
export interface Opening {
  readonly sending: Sending;
  /** The accounts, once the transaction is in a block. */
  readonly accounts: () => Promise<readonly Account[]>;
}

/** Makes the given number of accounts, which take turns at the nodes. */
export async function open(dir: string, count: number): Promise<Opening> {
  const { chainId, nodes } = await networkIn(dir);
  const keys = Array.from({ length: count }, (_, index) =>
    createHash('sha256')
      .update(`account ${String(index)}`)
      .digest(),
  );
  const addresses = await Promise.all(
    keys.map(async (key) => {
      const wallet = await DirectSecp256k1Wallet.fromKey(key, 'agoric');
      return (await wallet.getAccounts())[0]?.address ?? '';
    }),
  );
  const nodeOf = (index: number): NodeRecord => {
    const node = nodes[index % nodes.length];
    if (!node) throw new Error(`no nodes in ${dir}`);
    return node;
  };
  const home = join(dir, nodeOf(0).name);
  const signer = await signerOf(agd, home, 'alice', 0);
  const payments = addresses.flatMap((to) =>
    ['ubld', 'uist'].map((denom) =>
      bankSend(signer.address, to, { denom, amount: FUNDS }),
    ),
  );
  const gas = 100_000 * payments.length;
  const alice = (await accountsIn(home)).get(signer.address);
  const { number: accountNumber = 0n, sequence = 0 } = alice ?? {};
  const options = { chainId, sequence, gas };
  const tx = signedTx({ ...signer, accountNumber }, payments, options);
  return {
    sending: { node: nodeOf(0), tx },
    accounts: async () => {
      const known = await accountsIn(home);
      return keys.map((key, index) => {
        const [at = ''] = addresses.slice(index);
        const number = known.get(at)?.number ?? 0n;
        return { node: nodeOf(index), signer: signerWith(key, at, number) };
      });
    },
  };
}

/** What an account's transaction of a round is: a wallet action, or a payment. */
function messageOf(from: string, round: number, to: string): Message {
  if (round % 2 === 1) return bankSend(from, to, paymentOf(round));
  return walletAction(from, JSON.stringify({ method: 'test', round }));
}

function paymentOf(round: number): { denom: string; amount: number } {
  return { denom: 'uist', amount: 1000 + round };
}

/** One transaction of each account: rounds are wallet actions and payments in turn. */
export function roundOf(
  accounts: readonly Account[],
  chainId: string,
  round: number,
  to: string,
): readonly Sending[] {
  return accounts.map(({ node, signer }) => ({
    node,
    tx: signedTx(signer, [messageOf(signer.address, round, to)], {
      chainId,
      sequence: round,
      gas: 1_000_000,
    }),
  }));
}

/** What each account has done after the given number of rounds. */
export function totalOf(rounds: number): {
  readonly actions: number;
  readonly paid: number;
  readonly left: number;
} {
  let paid = 0;
  for (let round = 1; round < rounds; round += 2) {
    paid += paymentOf(round).amount;
  }
  return { actions: Math.ceil(rounds / 2), paid, left: FUNDS - paid };
}

/**
 * Gives a transaction to its node until the node takes it. The node may refuse
 * it for now: its mempool or the kernel's queue is full, or it has not
 * committed the block with the account's last one yet, and the sequence looks
 * wrong to it.
 *
 * @returns how often it was refused
 * @throws Error if it is refused for another reason
 */
export async function submit({ node, tx }: Sending): Promise<number> {
  for (let refused = 0; ; refused += 1) {
    if (await taken(node, tx)) return refused;
    await setTimeout(RETRY);
  }
}

async function taken(node: NodeRecord, tx: Buffer): Promise<boolean> {
  try {
    const { code, log } = await call<{ code: number; log: string }>(
      node,
      `broadcast_tx_sync?tx=0x${tx.toString('hex')}`,
    );
    if (code === 0) return true;
    if (code === KERNEL_BUSY || code === WRONG_SEQUENCE) return false;
    throw new Error(`${txHash(tx)}: code ${String(code)}: ${log}`);
  } catch (error) {
    if (String(error).includes('mempool is full')) return false;
    throw error;
  }
}

/** A block, as a node reports it. */
export interface Block {
  readonly hash: string;
  /** After the block before. */
  readonly appHash: string;
  /** The hashes of its transactions. */
  readonly txs: readonly string[];
}

export async function blockOf(
  node: NodeRecord,
  height: number,
): Promise<Block> {
  const { block, block_id } = await call<{
    block: { header: { app_hash: string }; data: { txs: string[] } };
    block_id: { hash: string };
  }>(node, `block?height=${String(height)}`);
  return {
    hash: block_id.hash,
    appHash: block.header.app_hash,
    txs: block.data.txs.map((tx) => txHash(Buffer.from(tx, 'base64'))),
  };
}

/** The codes of a block's transactions, in order: 0 is success. */
export async function codesOf(
  node: NodeRecord,
  height: number,
): Promise<readonly number[]> {
  const { txs_results } = await call<{
    txs_results: { code?: number }[] | null;
  }>(node, `block_results?height=${String(height)}`);
  return (txs_results ?? []).map(({ code = 0 }) => code);
}

/** The uist of accounts, as a node reports them. */
export async function uistOf(
  node: NodeRecord,
  addresses: readonly string[],
): Promise<readonly number[]> {
  const url = `http://127.0.0.1:${String(node.rpc)}`;
  const client = StargateClient.create(await Comet38Client.connect(url));
  return Promise.all(
    addresses.map(async (address) =>
      Number((await client.getBalance(address, 'uist')).amount),
    ),
  );
}

/** How many actions of an account the kernel has done, as a vat has published it. */
export async function actionsOf({ node, signer }: Account): Promise<number> {
  const request = bytes(1, `published.wallet.${signer.address}`);
  const { response } = await call<{ response: { value: string | null } }>(
    node,
    `abci_query?path="/agoric.vstorage.Query/Data"&data=0x${request.toString('hex')}`,
  );
  const answer = Buffer.from(response.value ?? '', 'base64').toString();
  const json = answer.slice(answer.indexOf('{')); // behind tag and length
  return json === '' ? 0 : (JSON.parse(json) as { actions: number }).actions;
}
