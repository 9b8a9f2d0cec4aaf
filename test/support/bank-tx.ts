import {
  bankSend as send,
  signedTx,
  signerOf as signerFrom,
  type Signer,
} from '@agd-bridge/chain-kit';

import { chainId } from './homes.js';
import { agd } from './paths.js';

export { txHash, type Signer } from '@agd-bridge/chain-kit';

/** The signer of an account of the home's test keyring. The account must exist on the chain. */
export async function signerOf(
  home: string,
  name: string,
  accountNumber: number,
): Promise<Signer> {
  return signerFrom(agd, home, name, accountNumber);
}

/** A signed transaction that transfers coins, encoded for CometBFT. */
export function bankSend(
  signer: Signer,
  sequence: number,
  to: string,
  coin: { readonly denom: string; readonly amount: number },
): Buffer {
  const options = { chainId, sequence, gas: 200_000 };
  return signedTx(signer, [send(signer.address, to, coin)], options);
}
