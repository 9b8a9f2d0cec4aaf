import { createHash } from 'node:crypto';

import {
  addressBeside,
  bankSend,
  walletAction,
  type Message,
  type Signer,
} from '@agd-bridge/chain-kit';

/** The content of a comparison's transactions. */
export const workloads = ['wallet', 'bank', 'mixed'] as const;
export type WorkloadName = (typeof workloads)[number];

/** Makes a workload with `size` messages of a signer in each transaction. */
export type MakeWorkload = (signer: Signer, size: number) => Workload;

/** A sequence of transactions of equal size, and how to see that they ran. */
export interface Workload {
  /**
   * What each message takes at most: gas, and time of the block in ms; default:
   * what suffices for a wallet action.
   */
  readonly each?: { readonly gas: number; readonly time: number };
  /** Storage paths at which the vat publishes the results. */
  readonly paths: readonly string[];
  /** The messages of the transaction with this index. */
  messages(index: number): Message[];
  /**
   * Number of messages whose effect the vat has published.
   *
   * @param published the values of {@link paths}, '' where there is none
   */
  done(published: readonly string[]): number;
}

/**
 * The workload of a name with `size` messages in each transaction: wallet
 * actions of the signer, payments of 1 uist to as many new accounts, or half
 * of each. Every payment changes two balances, and the vat asks for both.
 */
export function workloadOf(
  name: WorkloadName,
  signer: Signer,
  size: number,
): Workload {
  switch (name) {
    case 'wallet':
      return walletActions(signer, size);
    case 'bank':
      return payments(signer, size);
    case 'mixed': {
      const actions = Math.ceil(size / 2);
      return both(
        walletActions(signer, actions),
        payments(signer, size - actions),
      );
    }
  }
}

/** Actions of one wallet, each with a distinct text. */
function walletActions({ address }: Signer, size: number): Workload {
  return {
    paths: [`published.wallet.${address}`],
    messages: (block) =>
      Array.from({ length: size }, (_, action) =>
        walletAction(address, JSON.stringify({ block, action })),
      ),
    done: ([record]) => {
      const { actions = 0 } = membersOf(record) as { actions?: number };
      return actions;
    },
  };
}

const DENOM = 'uist';

/**
 * Payments of 1 uist, always to the same accounts. The vat publishes the
 * balances of a block in one write, so one account shows all of them.
 */
function payments({ address }: Signer, size: number): Workload {
  const accounts = Array.from({ length: size }, (_, index) =>
    addressBeside(
      address,
      createHash('sha256')
        .update(`agd ab ${String(index)}`)
        .digest(),
    ),
  );
  return {
    paths: accounts.slice(-1).map((recipient) => `published.bank.${recipient}`),
    messages: () =>
      accounts.map((recipient) =>
        bankSend(address, recipient, { denom: DENOM, amount: 1 }),
      ),
    done: ([balances]) => size * Number(membersOf(balances)[DENOM] ?? 0),
  };
}

/** What the vat published; no members before the first time. */
function membersOf(published = ''): Readonly<Record<string, unknown>> {
  return JSON.parse(published === '' ? '{}' : published) as Record<
    string,
    unknown
  >;
}

function both(first: Workload, second: Workload): Workload {
  const split = first.paths.length;
  return {
    paths: [...first.paths, ...second.paths],
    messages: (index) => [...first.messages(index), ...second.messages(index)],
    done: (published) =>
      first.done(published.slice(0, split)) +
      second.done(published.slice(split)),
  };
}
