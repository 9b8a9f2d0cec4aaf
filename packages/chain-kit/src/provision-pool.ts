import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The address of the module account `vbank/provision`. Agoric's core takes from
 * it what every new wallet begins with.
 */
export const provisionPool = 'agoric1megzytg65cyrgzs6fvzxgrcqvwwl7ugpt62346';

/** What the generated genesis puts there: 1000 IST, for thousands of wallets. */
const FUND = { denom: 'uist', amount: 1_000_000_000n };

interface Coin {
  readonly denom: string;
  readonly amount: string;
}

interface Genesis {
  app_state: {
    bank: {
      balances: { address: string; coins: readonly Coin[] }[];
      supply: readonly Coin[];
    };
  };
}

/**
 * Funds the provision pool in a home's genesis, before the validator signs it.
 * Without the fund a provisioned account gets no wallet, and its fee is lost.
 */
export async function fundProvisionPool(home: string): Promise<void> {
  const file = join(home, 'config', 'genesis.json');
  const genesis = JSON.parse(await readFile(file, 'utf8')) as Genesis;
  const { bank } = genesis.app_state;
  const { denom } = FUND;
  const amount = String(FUND.amount);
  bank.balances.push({ address: provisionPool, coins: [{ denom, amount }] });
  const held = bank.supply.find((coin) => coin.denom === denom)?.amount ?? '0';
  const total = { denom, amount: String(BigInt(held) + FUND.amount) };
  bank.supply = [
    ...bank.supply.filter((coin) => coin.denom !== denom),
    total,
  ].sort((a, b) => (a.denom < b.denom ? -1 : 1));
  await writeFile(file, JSON.stringify(genesis, null, 2));
}
