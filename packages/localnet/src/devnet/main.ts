/**
 * The entry point of the parts of `agd devnet` that make a chain and pay from
 * its faucet: go/cli/devnetcmd.go starts it, with the command first.
 */
import { parseArgs } from 'node:util';

import { fund } from './fund.js';
import { makeDevnet } from './make.js';

const EXIT_FAILURE = 1;
const EXIT_SIGNAL = 98;

async function run(args: string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      agd: { type: 'string' },
      home: { type: 'string' },
      where: { type: 'string' },
      core: { type: 'boolean', default: false },
      to: { type: 'string' },
      amount: { type: 'string' },
    },
  });
  const { agd, home, where, core, to, amount } = values;
  const [command] = positionals;
  if (agd !== undefined && home !== undefined) {
    if (command === 'make') {
      console.log(
        `agd devnet: making a chain in ${where ?? home}, with the keys alice, bob and faucet`,
      );
      await makeDevnet({ agd, home, core, signal });
      return;
    }
    if (command === 'fund' && to !== undefined && amount !== undefined) {
      const { address, height } = await fund({ agd, home, to, amount, signal });
      console.log(`sent ${amount} to ${address} in block ${String(height)}`);
      return;
    }
  }
  throw new Error(
    'agd-devnet cannot run alone: its flags are missing: run "agd devnet"',
  );
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    stop.abort();
  });
}
try {
  await run(process.argv.slice(2), stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`agd: ${(error as Error).message}\n`);
  }
  process.exitCode = stop.signal.aborted ? EXIT_SIGNAL : EXIT_FAILURE;
}
