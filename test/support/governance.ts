import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { chainId } from './homes.js';
import { runAgd, type AgdNode } from './node.js';

/** A proposal of the validator's, as arguments of `agd tx`. */
export type Proposal = readonly string[];

/**
 * Signs a proposal and the vote for it in one transaction, because the vote
 * ends after a second or two. Returns the file.
 *
 * @param id the number that the proposal will have
 * @param signing where account number and sequence come from: arguments of `agd
 * tx sign`
 */
export async function signedDecision(
  home: string,
  proposal: Proposal,
  id: number,
  signing: readonly string[],
): Promise<string> {
  const unsigned = ['--from', 'alice', '--generate-only', '--output', 'json'];
  const gas = ['--gas', '2000000'];
  const [proposing, voting] = await Promise.all([
    runAgd(home, ['tx', ...proposal, ...gas, ...unsigned]),
    runAgd(home, ['tx', 'gov', 'vote', String(id), 'yes', ...unsigned]),
  ]);
  const tx = JSON.parse(proposing) as Transaction;
  tx.body.messages.push(...(JSON.parse(voting) as Transaction).body.messages);
  const file = join(home, `decision-${String(id)}.json`);
  await writeFile(file, JSON.stringify(tx));
  const signed = await runAgd(home, [
    ...['tx', 'sign', file, '--from', 'alice', '--chain-id', chainId],
    ...signing,
  ]);
  await writeFile(file, signed);
  return file;
}

interface Transaction {
  readonly body: { readonly messages: unknown[] };
}

/**
 * Submits a proposal to a running chain; resolves when it has passed.
 *
 * @param id the number that the proposal will have
 */
export async function decide(
  node: AgdNode,
  proposal: Proposal,
  id: number,
): Promise<void> {
  await node.pids();
  const { home, ports } = node.options;
  const at = ['--node', `tcp://127.0.0.1:${String(ports.rpc)}`];
  await node.tx('broadcast', await signedDecision(home, proposal, id, at));
  let tallied = 0;
  await node.line((line) => {
    if (!line.includes('proposal tallied')) return undefined;
    tallied += 1;
    return tallied === id ? true : undefined;
  });
  const answer = JSON.parse(
    await node.agd(
      ...['query', 'gov', 'proposal', String(id), '--output', 'json'],
    ),
  ) as { proposal: { status: string; failed_reason?: string } };
  const { status, failed_reason = '' } = answer.proposal;
  if (status !== 'PROPOSAL_STATUS_PASSED') {
    throw new Error(`proposal ${String(id)}: ${status} ${failed_reason}`);
  }
}
