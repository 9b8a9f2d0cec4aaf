/**
 * The entry point of the part of `agd devnet` that makes a chain:
 * go/cli/devnetcmd.go starts it, with the command first.
 */
import { parseArgs } from 'node:util';

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
    },
  });
  const { agd, home, where, core } = values;
  const [command] = positionals;
  if (agd !== undefined && home !== undefined && command === 'make') {
    console.log(
      `agd devnet: making a chain in ${where ?? home}, with the keys alice, bob and faucet`,
    );
    await makeDevnet({ agd, home, core, signal });
    return;
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
