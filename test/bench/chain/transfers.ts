import { createHash } from 'node:crypto';
import { join } from 'node:path';

import {
  CHAIN_ID,
  type BedChain,
  type ChainNode,
  type MakeWorkload,
} from '@agd-bridge/ab';
import {
  addressBeside,
  provisionPool,
  signedTx,
  signerOf,
  walletAction,
} from '@agd-bridge/chain-kit';

import { SoloMachine } from '../../support/solo-machine.js';

/** SHA-256. */
export const hashOf = (text: string): Buffer =>
  createHash('sha256').update(text).digest();

/** The machine that sends the transfers. */
export const machine = new SoloMachine(hashOf('machine of the benchmarks'));
/** The account whose transfers the kernel intercepts, and another. */
export const [watched, unwatched] = (['watched', 'unwatched'] as const).map(
  (name) => addressBeside(provisionPool, hashOf(name)),
) as [string, string];

/** Gas limit of the transaction that opens the channel. */
const GAS = 10_000_000;
/** The place of bob in the genesis. */
const BOB = 1;

/**
 * A chain with a channel to a solo machine. Agoric's transfer vat watches
 * {@link watched}, and a vat acknowledges each transfer to it.
 */
export const transferChain: BedChain = {
  bootstrapVatConfig: join(
    import.meta.dirname,
    'vats',
    'transfers-config.json',
  ),
  prepare: async (node, { agd, home }) => {
    const bob = await signerOf(agd, home, 'bob', BOB);
    const tx = signedTx(
      bob,
      [
        ...machine.opening(bob.address),
        walletAction(bob.address, JSON.stringify({ watch: watched })),
      ],
      { chainId: CHAIN_ID, sequence: 0, gas: GAS },
    );
    requireFine(await deliver(node, tx));
    while ((await node.vstorage('published.watched')) !== watched) {
      await node.height(node.committed.height + 1);
    }
  },
};

/** What a node says of a transaction, in its mempool or in a block. */
export interface Verdict {
  readonly code: number;
  readonly log: string;
}

/** Sends a transaction; resolves when it is refused or in a block. */
export async function deliver(node: ChainNode, tx: Buffer): Promise<Verdict> {
  const { check_tx, tx_result } = await node.rpc<{
    check_tx: Verdict;
    tx_result: Verdict;
  }>('broadcast_tx_commit', { tx: tx.toString('base64') });
  return check_tx.code === 0 ? tx_result : check_tx;
}

/** @throws Error with the node's reason */
function requireFine({ code, log }: Verdict): void {
  if (code !== 0) throw new Error(`a transaction was refused: ${log}`);
}

/**
 * Incoming transfers of one coin each. Done are those that the vat has been
 * asked to acknowledge.
 *
 * @param receiver of the next transaction's transfers
 */
export const transfers =
  (receiver: () => string): MakeWorkload =>
  ({ address }, size) => ({
    paths: ['published.transfers'],
    // The kernel takes 150 ms for each; a block must end within the pause.
    each: { gas: 1_000_000, time: 300 },
    messages: (index) =>
      Array.from({ length: size }, (_, i) =>
        machine.transfer(address, index * size + i + 1, receiver()),
      ),
    done: ([count]) => Number(count ?? 0),
  });
