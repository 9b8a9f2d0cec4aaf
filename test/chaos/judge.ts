import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import type { ExecutionContext } from 'ava';

import type { AgdNode } from '../support/node.js';
import type { Payments } from './chain.js';

/**
 * A node's own result of a block. The next block's header is not used, because
 * the proposer wrote it.
 */
interface Results {
  readonly app_hash: string;
  readonly txs_results: readonly { readonly code: number }[] | null;
}

async function resultsOf(node: AgdNode, height: number): Promise<Results> {
  return node.rpc(`block_results?height=${String(height)}`);
}

export async function ownAppHash(
  node: AgdNode,
  height: number,
): Promise<string> {
  return (await resultsOf(node, height)).app_hash;
}

/** The height that a node's RPC reports. */
export async function heightOf(node: AgdNode): Promise<number> {
  const { sync_info: info } = await node.rpc<{
    sync_info: { latest_block_height: string };
  }>('status');
  return Number(info.latest_block_height);
}

export async function uistOf(node: AgdNode, account: string): Promise<number> {
  const answer = JSON.parse(
    await node.agd('query', 'bank', 'balance', account, 'uist', '-o', 'json'),
  ) as { balance: { amount: string } };
  return Number(answer.balance.amount);
}

/**
 * Waits until every payment is in a block. A payment that was lost between two
 * nodes is submitted again.
 */
export async function settle(
  payments: Payments,
  validator: AgdNode,
  follower: AgdNode,
): Promise<void> {
  for (let last = -1; ;) {
    const now = await uistOf(follower, payments.bob);
    if (now === payments.sum) return;
    if (now === last) await payments.resend(validator);
    last = now;
    await follower.height(follower.committed() + 3);
    await setTimeout(500);
  }
}

/**
 * Checks that both nodes have the same result of every block, and that each
 * payment is in a block.
 */
export async function judge(
  t: ExecutionContext,
  payments: Payments,
  validator: AgdNode,
  follower: AgdNode,
): Promise<void> {
  // The last block is not compared: the last payment must not be in it.
  const beyond = Math.max(validator.committed(), follower.committed()) + 2;
  await Promise.all([validator.height(beyond), follower.height(beyond)]);
  const top = Math.min(await heightOf(validator), await heightOf(follower)) - 1;
  const found = new Map<string, number>();
  for (let height = 1; height <= top; height += 1) {
    const at = `at height ${String(height)}`;
    const results = await resultsOf(follower, height);
    t.deepEqual(await resultsOf(validator, height), results, at);
    const { block } = await follower.rpc<{
      block: { data: { txs: readonly string[] } };
    }>(`block?height=${String(height)}`);
    for (const [index, tx] of block.data.txs.entries()) {
      t.is(results.txs_results?.[index]?.code, 0, at);
      const hash = createHash('sha256')
        .update(Buffer.from(tx, 'base64'))
        .digest('hex')
        .toUpperCase();
      found.set(hash, (found.get(hash) ?? 0) + 1);
    }
  }
  for (const hash of payments.hashes) {
    t.is(found.get(hash), 1, `payment ${hash} is in one block`);
  }
  for (const node of [validator, follower]) {
    t.is(await uistOf(node, payments.bob), payments.sum);
    t.deepEqual(
      JSON.parse(await node.vstorage(`published.bank.${payments.bob}`)),
      { ubld: '1000000', uist: String(payments.sum) },
    );
  }
}
