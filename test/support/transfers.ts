import { createHash } from 'node:crypto';

import type { AgdNode } from './node.js';

/** The denomination of a coin that came over channels, the last one first. */
export function voucher(...path: readonly string[]): string {
  const channels = path.slice(0, -1).map((channel) => `transfer/${channel}`);
  const hash = createHash('sha256')
    .update([...channels, ...path.slice(-1)].join('/'))
    .digest('hex');
  return `ibc/${hash.toUpperCase()}`;
}

/** An account's balance of one denomination. */
export async function balance(
  node: AgdNode,
  account: string,
  denom: string,
): Promise<number> {
  const answer = await node.agd(
    ...['query', 'bank', 'balance', account, denom, '--output', 'json'],
  );
  const { balance } = JSON.parse(answer) as { balance: { amount: string } };
  return Number(balance.amount);
}

/** Resolves at the first block with this balance. */
export async function reaches(
  node: AgdNode,
  account: string,
  denom: string,
  wanted: number,
): Promise<void> {
  for (let found = NaN; found !== wanted;) {
    await node.height(node.committed() + 1);
    found = await balance(node, account, denom);
  }
}

/** Sends a transfer over the first channel; resolves when it is in a block. */
export async function transfer(
  from: AgdNode,
  sender: string,
  receiver: string,
  coin: string,
  ...more: readonly string[]
): Promise<void> {
  await from.tx(
    ...['ibc-transfer', 'transfer', 'transfer', 'channel-0', receiver, coin],
    ...['--from', sender, ...more],
  );
}

/** What the chain holds for coins that are on other chains. */
export async function escrowed(node: AgdNode, denom: string): Promise<number> {
  const escrow = JSON.parse(
    await node.agd(
      ...['query', 'ibc-transfer', 'total-escrow', denom, '--output', 'json'],
    ),
  ) as { amount: { amount: string } };
  return Number(escrow.amount.amount);
}
