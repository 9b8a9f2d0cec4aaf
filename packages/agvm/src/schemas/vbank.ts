import Type from 'typebox';

import { block, decimal, done, exact, natural, text, tuple } from './parts.js';

/** The balances after coins moved: the kernel's VBANK_BALANCE_UPDATE. */
const balanceUpdate = exact({
  ...block,
  /** A counter; a 64-bit number. */
  nonce: natural,
  type: Type.Literal('VBANK_BALANCE_UPDATE'),
  updated: Type.Array(exact({ address: text, amount: decimal, denom: text })),
});

/**
 * The bank. The kernel's side is `@agoric/vats` src/vat-bank.js. The chain's
 * side is go/x/vbank/keeper/downcalls.go, which also checks addresses and
 * denoms.
 */
export const vbank = {
  'vbank.GetBalance': {
    params: tuple(exact({ address: text, denom: text })),
    result: decimal,
  },
  'vbank.GetModuleAccountAddress': {
    params: tuple(exact({ moduleName: text })),
    result: text,
  },
  'vbank.Grab': {
    params: tuple(exact({ amount: decimal, denom: text, sender: text })),
    result: balanceUpdate,
  },
  'vbank.Give': {
    params: tuple(exact({ amount: decimal, denom: text, recipient: text })),
    result: balanceUpdate,
  },
  'vbank.GiveToRewardDistributor': {
    params: tuple(exact({ amount: decimal, denom: text })),
    result: done,
  },
};
