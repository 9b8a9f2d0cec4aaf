import { bytes, signerWith, txHash, type Signer } from '@agd-bridge/chain-kit';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import test, { type ExecutionContext } from 'ava';

import { signerOf } from '../support/bank-tx.js';
import {
  blockTime,
  bootedFollower,
  bootedHome,
  withTempDir,
} from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  runAgd,
  type Mode,
} from '../support/node.js';
import { patience } from '../support/process.js';

import { badQueries } from './bad-queries.js';
import {
  badTransactions,
  fillingTransaction,
  lateTransaction,
  uselessTransaction,
  type BadTransaction,
} from './bad-transactions.js';
import type { Sender } from './crafted.js';

/** The result of a transaction or a query. */
interface Verdict {
  readonly code: number;
  /** Undefined for errors of JSON-RPC. */
  readonly codespace?: string;
  readonly log: string;
}

/** Calls CometBFT's RPC; its own errors are verdicts too. */
async function call(
  node: AgdNode,
  method: string,
  params: object,
): Promise<{ result?: unknown; refusal?: Verdict }> {
  const response = await fetch(node.rpcUrl, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(patience),
  });
  const { result, error } = (await response.json()) as {
    result?: unknown;
    error?: { code: number; message: string; data?: string };
  };
  if (result !== undefined) return { result };
  const { code = 0, message = '', data = '' } = error ?? {};
  return { refusal: { code, log: `${message}: ${data}` } };
}

/** Submits a transaction to a node; returns the result of CheckTx. */
async function check(node: AgdNode, tx: Buffer | string): Promise<Verdict> {
  const text = typeof tx === 'string' ? tx : tx.toString('base64');
  const { result, refusal } = await call(node, 'broadcast_tx_sync', {
    tx: text,
  });
  return refusal ?? (result as Verdict);
}

/** A transaction's result in its block. @throws Error if none of the next 50 has it */
async function inBlock(
  node: AgdNode,
  tx: Buffer,
): Promise<{ verdict: Verdict; height: number }> {
  const hash = Buffer.from(txHash(tx), 'hex').toString('base64');
  for (let blocks = 0; blocks < 50; blocks += 1) {
    const { result } = await call(node, 'tx', { hash });
    if (result) {
      const found = result as { tx_result: Verdict; height: string };
      return { verdict: found.tx_result, height: Number(found.height) };
    }
    await node.height(node.committed() + 1);
  }
  throw new Error(`${txHash(tx)} is in no block`);
}

async function query(
  node: AgdNode,
  path: string,
  data: Buffer,
): Promise<Verdict & { value: string | null }> {
  const params = { path, data: data.toString('hex') };
  const { result, refusal } = await call(node, 'abci_query', params);
  if (refusal) return { ...refusal, value: null };
  const { response } = result as {
    response: Verdict & { value: string | null };
  };
  return response;
}

/** Bob's balances, encoded as the node returns them. */
async function balancesOfBob(
  node: AgdNode,
  { bob }: Sender,
): Promise<string | null> {
  const path = '/cosmos.bank.v1beta1.Query/AllBalances';
  return (await query(node, path, bytes(1, bob))).value;
}

/** All state that the transactions could change, encoded as the node returns it. */
async function stateOf(
  node: AgdNode,
  { alice, bob }: Sender,
): Promise<Readonly<Record<string, string>>> {
  const state: Record<string, string> = {};
  const read = async (
    name: string,
    path: string,
    data: Buffer,
  ): Promise<void> => {
    const { code, log, value } = await query(node, path, data);
    if (code !== 0) throw new Error(`${name}: ${log}`);
    state[name] = value ?? '';
  };
  for (const at of [alice.address, bob]) {
    const path = '/cosmos.bank.v1beta1.Query/AllBalances';
    await read(`balances of ${at}`, path, bytes(1, at));
  }
  for (const at of [
    ...[`beansOwing.${alice.address}`, `egress.${bob}`],
    ...[alice.address, bob].flatMap((each) => [
      `published.wallet.${each}`,
      `published.bank.${each}`,
    ]),
  ]) {
    await read(at, '/agoric.vstorage.Query/Data', bytes(1, at));
  }
  for (const at of ['egress', 'published', 'published.wallet']) {
    const path = '/agoric.vstorage.Query/Children';
    await read(`children of ${at}`, path, bytes(1, at));
  }
  const proposals = '/cosmos.gov.v1.Query/Proposals';
  await read('proposals', proposals, Buffer.alloc(0));
  return state;
}

/**
 * Submits a transaction and checks which layer refuses it, and how. Returns
 * whether the transaction used its sequence.
 */
async function expectRefused(
  t: ExecutionContext,
  leader: AgdNode,
  { name, layer, tx, code, log }: BadTransaction,
  sender: Sender,
): Promise<boolean> {
  const sent = tx(sender);
  let verdict = await check(leader, sent);
  if (layer === 'block') {
    t.is(verdict.code, 0, `${name}: ${verdict.log}`);
    ({ verdict } = await inBlock(leader, Buffer.from(sent)));
  } else {
    // The next block must not contain it.
    await leader.height(leader.committed() + 1);
  }
  t.is(verdict.code, code, `${name}: ${verdict.log}`);
  t.is(verdict.codespace, layer === 'rpc' ? undefined : 'sdk', name);
  t.regex(verdict.log, log, name);
  return layer === 'block';
}

/** Signs for an address without an account. */
async function stranger(): Promise<Signer> {
  const key = Buffer.alloc(32, 7);
  const wallet = await DirectSecp256k1Wallet.fromKey(key, 'agoric');
  const [account] = await wallet.getAccounts();
  return signerWith(key, account!.address, 0);
}

/** Two nodes of one chain, the second in the other mode. */
interface Pair {
  readonly leader: AgdNode;
  readonly follower: AgdNode;
  readonly sender: Sender;
}

/** Runs `use` with a pair whose kernels run. `blocksEvery` is in ms. */
async function withPair(
  mode: Mode,
  blocksEvery: number,
  use: (pair: Pair) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const every = `${String(blocksEvery)}ms`;
    const commit = ['config', 'consensus.timeout_commit', every];
    await runAgd(home, ['config', 'set', ...commit]);
    const leader = new AgdNode({ home, mode, ports: await nodePorts() });
    let follower: AgdNode | undefined;
    try {
      follower = new AgdNode({
        home: await bootedFollower(dir, leader),
        mode: otherThan(mode),
        ports: await nodePorts(),
      });
      await leader.pids();
      await Promise.all([leader.listening(), follower.booted()]);
      const sender: Sender = {
        alice: await signerOf(home, 'alice', 0),
        sequence: 1, // the genesis contains alice's first transaction
        bob: await address(home, 'bob'),
        stranger: await stranger(),
      };
      await use({ leader, follower, sender });
    } finally {
      await Promise.all([leader.kill(), follower?.kill()]);
    }
  });
}

const otherThan = (mode: Mode): Mode =>
  mode === 'split' ? 'in-process' : 'split';

/** Waits until both nodes have made these blocks, and compares their app hashes. */
async function expectSameHashes(
  t: ExecutionContext,
  { leader, follower }: Pair,
  first: number,
  last: number,
): Promise<void> {
  await Promise.all([leader.height(last + 1), follower.height(last + 1)]);
  for (let height = first; height <= last; height += 1) {
    t.is(
      await follower.appHash(height),
      await leader.appHash(height),
      `app hash at height ${String(height)}`,
    );
  }
}

for (const mode of modes) {
  const pairOf = `${mode}, followed ${otherThan(mode)}`;

  test.serial(
    `${pairOf}: each bad transaction is refused with a code and a reason and changes nothing; the chain continues`,
    async (t) => {
      t.timeout(2 * patience);
      await withPair(mode, blockTime, async (pair) => {
        const { leader } = pair;
        let { sender } = pair;
        const begun = leader.committed();
        const owing = `beansOwing.${sender.alice.address}`;

        for (const row of badTransactions) {
          const before = await stateOf(leader, sender);
          const used = await expectRefused(t, leader, row, sender);
          const after = await stateOf(leader, sender);
          const paid = row.charged ? { [owing]: after[owing] } : {};
          t.deepEqual(after, { ...before, ...paid }, row.name);
          if (row.charged) t.not(after[owing], before[owing], row.name);
          const { sequence } = sender;
          sender = { ...sender, sequence: sequence + (used ? 1 : 0) };
        }
        for (const { name, path, data, code, log } of badQueries) {
          const verdict = await query(leader, path, data);
          t.is(verdict.code, code, `${name}: ${verdict.log}`);
          t.is(verdict.codespace, 'sdk', name);
          t.regex(verdict.log, log, name);
        }

        const useless = uselessTransaction(sender);
        t.is((await check(leader, useless)).code, 0);
        const { verdict, height } = await inBlock(leader, useless);
        t.is(verdict.code, 0, verdict.log);
        await expectSameHashes(t, pair, begun, height + 3);
        // The kernel has processed the useless messages.
        const wallet = `published.wallet.${sender.alice.address}`;
        t.regex(await leader.vstorage(wallet), /frobnicate/);
      });
    },
  );

  test.serial(
    `${pairOf}: a transaction whose block finds the kernel's queue full is refused there and changes nothing`,
    async (t) => {
      t.timeout(2 * patience);
      // Long enough to submit both transactions before the next block.
      await withPair(mode, 3000, async (pair) => {
        const { leader, sender } = pair;
        const begun = leader.committed();
        const filling = fillingTransaction(sender);
        const next = { ...sender, sequence: sender.sequence + 1 };
        const late = lateTransaction(next);
        const balances = await balancesOfBob(leader, sender);

        await leader.height(begun + 1);
        for (const tx of [filling, late]) {
          const { code, log } = await check(leader, tx);
          t.is(code, 0, log);
        }
        const filled = await inBlock(leader, filling);
        t.is(filled.verdict.code, 0, filled.verdict.log);
        const { verdict, height } = await inBlock(leader, late);
        t.is(height, filled.height, 'both are in one block');
        t.is(verdict.code, 20, verdict.log);
        t.is(verdict.codespace, 'sdk');
        t.regex(
          verdict.log,
          /the kernel has 1000 actions to do, of 1000 at most: no room for 499 more/,
        );
        t.is(await balancesOfBob(leader, sender), balances);

        // Its sequence is unused, and accepted once the queue has room again.
        await leader.height(height + 2);
        const wallet = `published.wallet.${sender.alice.address}`;
        t.regex(await leader.vstorage(wallet), /"actions":500,/);
        const useless = uselessTransaction(next);
        t.is((await check(leader, useless)).code, 0);
        const done = await inBlock(leader, useless);
        t.is(done.verdict.code, 0, done.verdict.log);
        t.not(await balancesOfBob(leader, sender), balances);
        await expectSameHashes(t, pair, begun, done.height + 1);
      });
    },
  );
}
