import { agdIn, ownerOf } from '@agd-bridge/chain-kit';

import { quoted } from '../hints.js';
import { FAUCET } from './make.js';

/** A payment from the faucet. */
export interface Funding {
  /** agd's binary. */
  readonly agd: string;
  readonly home: string;
  /** An address, or the name of a key in the home's keyring. */
  readonly to: string;
  /** Coins, such as `5ubld,7uist`. */
  readonly amount: string;
  readonly signal: AbortSignal;
}

/** The result of a transaction: of its check, or of its execution. */
interface TxResult {
  readonly txhash: string;
  readonly code: number;
  readonly raw_log: string;
  readonly height: string;
}

/** Where the coins went, and in which block. */
export interface Funded {
  readonly address: string;
  readonly height: number;
}

const TEST = ['--keyring-backend', 'test'];
const JSON_OUTPUT = ['--output', 'json'];

/**
 * Sends coins from the faucet and waits until they are in a block.
 *
 * @throws Error with one line: agd's own, the chain's, or that no node answers
 */
export async function fund(funding: Funding): Promise<Funded> {
  const { agd, home, to, amount, signal } = funding;
  const run = agdIn(agd, home, signal);
  const address = await addressOf(run, home, to);
  const send = ['tx', 'bank', 'send', FAUCET, address, amount, '--yes'];
  const sent = resultIn(
    await run(...send, ...TEST, ...JSON_OUTPUT).catch((error: unknown) => {
      throw explained(error as Error, home);
    }),
  );
  const { txhash } = sent;
  // wait-tx misses a transaction that is committed but not yet indexed.
  const found = await run('query', 'wait-tx', txhash, ...JSON_OUTPUT).catch(
    async () => run('query', 'tx', txhash, ...JSON_OUTPUT),
  );
  return { address, height: Number(resultIn(found).height) };
}

async function addressOf(
  run: ReturnType<typeof agdIn>,
  home: string,
  to: string,
): Promise<string> {
  if (/^agoric1[0-9a-z]{38,}$/.test(to)) return to;
  try {
    return await run('keys', 'show', to, '-a', ...TEST);
  } catch (error) {
    if ((error as Error).message.includes(': agd: no key ')) {
      throw new Error(
        `"${to}": no such key in this chain's keyring, and no address: see "agd keys list --home ${quoted(home)}"`,
      );
    }
    throw error;
  }
}

/** @throws Error if the transaction failed */
function resultIn(text: string): TxResult {
  const result = JSON.parse(text) as TxResult;
  if (result.code !== 0)
    throw new Error(`the payment failed: ${result.raw_log}`);
  return result;
}

function explained(error: Error, home: string): Error {
  if (error.message.includes('connection refused')) {
    const owner = ownerOf(home);
    return new Error(
      owner === undefined
        ? `no node answers for ${home}: run "agd devnet --home ${quoted(home)}", and wait for its first block`
        : `the node of ${home} (process ${String(owner.pid)}) does not answer at the address in its files: wait for its first block, or name its RPC address with AGD_NODE, such as AGD_NODE=tcp://127.0.0.1:26657`,
    );
  }
  // Without the command line, which the user has not typed.
  const [, said = error.message] = /: agd: (.*)$/s.exec(error.message) ?? [];
  return new Error(`the payment failed: ${said}`);
}
