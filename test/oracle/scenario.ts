/**
 * Changes of bank balances, block by block: the input of the oracle and of the
 * systems compared with it.
 */

/** A balance at the end of a block. `amount` is a decimal natural number. */
export interface Balance {
  readonly address: string;
  readonly denom: string;
  readonly amount: string;
}

export interface Scenario {
  /** Balances before the first block. The kernel does not receive them. */
  readonly genesis: readonly Balance[];
  /**
   * For each block the balances that it changed, as the chain reports them:
   * one VBANK_BALANCE_UPDATE, in this order; none if the list is empty.
   */
  readonly blocks: readonly (readonly Balance[])[];
}

export interface Send {
  readonly from: string;
  readonly to: string;
  readonly denom: string;
  readonly amount: bigint;
}

/**
 * The scenario of a list of sends for each block. Changed balances are reported
 * as the chain does it: sorted by address, then by denom.
 *
 * @throws {RangeError} a sender's balance is too low
 */
export function scenarioOfSends(
  genesis: readonly Balance[],
  blocks: readonly (readonly Send[])[],
): Scenario {
  const ledger = new Map(
    genesis.map(({ address, denom, amount }) => [
      keyOf(address, denom),
      BigInt(amount),
    ]),
  );
  const add = (address: string, denom: string, amount: bigint) => {
    const balance = (ledger.get(keyOf(address, denom)) ?? 0n) + amount;
    if (balance < 0n) {
      throw new RangeError(`${address} has not enough ${denom}`);
    }
    ledger.set(keyOf(address, denom), balance);
  };
  return {
    genesis,
    blocks: blocks.map((sends) => {
      const changed = new Set<string>();
      for (const { from, to, denom, amount } of sends) {
        add(from, denom, -amount);
        add(to, denom, amount);
        changed.add(keyOf(from, denom)).add(keyOf(to, denom));
      }
      return [...changed].sort().map((key) => {
        const [address = '', denom = ''] = key.split(' ');
        return { address, denom, amount: String(ledger.get(key) ?? 0n) };
      });
    }),
  };
}

/**
 * Neither part can contain a space, and a space sorts before every character of
 * theirs.
 */
const keyOf = (address: string, denom: string) => `${address} ${denom}`;
