import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { chainId, editGenesis, freshHome, withoutInflation } from './homes.js';
import { AgdNode, nodePorts, runAgd } from './node.js';

/**
 * A chain that has decided to upgrade at a height to come, and was stopped
 * before that: the node that next starts on its home meets the upgrade.
 */
export interface UpgradingChain {
  readonly home: string;
  readonly height: number;
}

/** Makes one: the validator proposes and votes in one transaction, and a vote takes a second. */
export async function chainBeforeUpgrade(
  dir: string,
  name: string,
): Promise<UpgradingChain> {
  const height = 50;
  const home = await freshHome(dir, {
    editGenesis: async (unsigned) => {
      await withoutInflation(unsigned);
      await editGenesis(unsigned, (state) => {
        Object.assign(state.gov.params, {
          min_deposit: [{ denom: 'ubld', amount: '1' }],
          expedited_min_deposit: [{ denom: 'ubld', amount: '2' }],
          voting_period: '2s',
          expedited_voting_period: '1s',
        });
      });
    },
  });
  const tx = await signedDecision(home, name, height);
  const node = new AgdNode({ home, mode: 'split', ports: await nodePorts() });
  try {
    await node.tx('broadcast', tx);
    await node.line((line) =>
      line.includes('proposal tallied') ? line : undefined,
    );
    await node.height(node.committed() + 1);
    await node.stop();
    return { home, height };
  } finally {
    await node.kill();
  }
}

/** Signs the proposal and the vote for it before the chain starts, so that no step waits for another. */
async function signedDecision(
  home: string,
  name: string,
  height: number,
): Promise<string> {
  const unsigned = ['--from', 'alice', '--generate-only', '--output', 'json'];
  const proposal = await runAgd(home, [
    'tx',
    'upgrade',
    'software-upgrade',
    name,
    ...['--upgrade-height', String(height), '--title', name, '--summary', name],
    ...['--deposit', '10ubld', '--no-validate', '--gas', '1000000'],
    ...unsigned,
  ]);
  const vote = await runAgd(home, [
    'tx',
    'gov',
    'vote',
    '1',
    'yes',
    ...unsigned,
  ]);
  const file = join(home, 'decision.json');
  const tx = JSON.parse(proposal) as Transaction;
  tx.body.messages.push(...(JSON.parse(vote) as Transaction).body.messages);
  await writeFile(file, JSON.stringify(tx));
  const signed = await runAgd(home, [
    ...['tx', 'sign', file, '--from', 'alice', '--chain-id', chainId],
    ...['--offline', '--account-number', '0', '--sequence', '1'],
  ]);
  await writeFile(file, signed);
  return file;
}

interface Transaction {
  readonly body: { readonly messages: unknown[] };
}
