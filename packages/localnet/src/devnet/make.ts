import { makeLocalChain } from '@agd-bridge/chain-kit';

/** Options of a new chain. */
export interface NewDevnet {
  /** agd's binary. */
  readonly agd: string;
  /** The home directory to create; it must be absent or empty. */
  readonly home: string;
  /** Whether the kernel boots Agoric's core instead of the demonstration vat. */
  readonly core: boolean;
  /** Aborts the creation and leaves nothing behind. */
  readonly signal: AbortSignal;
}

const CHAIN_ID = 'agd-local';
const CORE = '@agd-bridge/vats/core-config.json';
/** Pays `agd devnet fund` (go/cli/fundcmd.go). */
const FAUCET = 'faucet';
const FAUCET_COINS = '1000000000000000ubld,1000000000000000uist';
/** Marks a home that `agd devnet` may run and remove: go/cli/devnethome.go. */
const MARK = 'devnet.json';

/**
 * Creates the home of a single-validator chain with the keys alice, bob and
 * faucet. A failure or an abort leaves nothing that would block the next
 * attempt.
 *
 * @throws Error with agd's own message
 */
export async function makeDevnet(devnet: NewDevnet): Promise<void> {
  const { agd, home, core, signal } = devnet;
  await makeLocalChain({
    ...{ agd, home, signal },
    chainId: CHAIN_ID,
    ...(core && { bootstrapVatConfig: CORE }),
    moreAccounts: { [FAUCET]: FAUCET_COINS },
    // A transaction may wait for a booting kernel.
    settings: [
      ['config', 'rpc.timeout_broadcast_tx_commit', '2m'],
      // A development chain has no peers.
      ['config', 'p2p.laddr', 'tcp://127.0.0.1:26656'],
      // `agd top` shows the metrics. They have no authentication.
      ['config', 'instrumentation.prometheus', 'true'],
      ['config', 'instrumentation.prometheus_listen_addr', '127.0.0.1:26660'],
    ],
    files: { [MARK]: `${JSON.stringify({ version: 1, core })}\n` },
  });
}
