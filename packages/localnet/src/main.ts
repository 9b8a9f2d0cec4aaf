/**
 * The entry point of `agd localnet`, which passes its flags on:
 * go/cli/localnetcmd.go.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ownerOf } from '@agd-bridge/chain-kit';

import { assignPorts } from './addresses.js';
import { claim } from './claim.js';
import { checkedVatConfig } from './config.js';
import { LineDisplay, TerminalDisplay, type Display } from './display.js';
import { callable } from './hints.js';
import { makeNetwork } from './make.js';
import { Network } from './network.js';
import { recordOf, writeRecord, type NetworkRecord } from './record.js';

const EXIT_FAILURE = 1;
const EXIT_SIGNAL = 98;
const EXIT_UNASKED = 99;

const VALIDATORS = 4;

/** Flags that the user did not set are undefined. */
interface Flags {
  readonly agd: string;
  readonly home: string;
  readonly validators: number | undefined;
  readonly split: number | undefined;
  readonly vatConfig: string | undefined;
}

function flagsOf(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agd: { type: 'string' },
      home: { type: 'string' },
      validators: { type: 'string' },
      split: { type: 'string' },
      'bootstrap-vat-config': { type: 'string' },
    },
  });
  const { agd, home, validators, split } = values;
  if (agd === undefined || home === undefined) {
    throw new Error(
      'agd-localnet cannot run alone: its flags are missing: run "agd localnet"',
    );
  }
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  return {
    ...{ agd, home },
    validators: number(validators),
    split: number(split),
    vatConfig: values['bootstrap-vat-config'],
  };
}

/**
 * The number of nodes in split mode. @throws Error if it exceeds the number of
 * validators
 */
function splitOf(asked: number | undefined, validators: number): number {
  const split = asked ?? Math.ceil(validators / 2);
  if (split > validators) {
    throw new Error(
      `--split must be at most the number of validators, ${String(validators)}, not ${String(split)}`,
    );
  }
  return split;
}

/** @throws Error if an existing network differs from the flags */
function checkSame(
  flags: Flags,
  vatConfig: string | null,
  record: NetworkRecord,
): void {
  const { home, validators } = flags;
  const { nodes, bootstrapVatConfig } = record;
  if (validators !== undefined && validators !== nodes.length) {
    throw new Error(
      `${JSON.stringify(home)} has a network of ${String(nodes.length)} validators, not ${String(validators)}: leave out --validators, or name another --home`,
    );
  }
  if (flags.vatConfig !== undefined && vatConfig !== bootstrapVatConfig) {
    throw new Error(
      `${JSON.stringify(home)} has a network that boots from ${bootstrapVatConfig ?? 'the demonstration vat'}: --bootstrap-vat-config cannot change that: name another --home`,
    );
  }
}

/** How long the kernels of a new network take to boot. */
const bootTime = ({ bootstrapVatConfig: config }: NetworkRecord): string =>
  config === null
    ? 'kernels boot for some 20 s of CPU time each'
    : `kernels boot from ${config}; Agoric's core takes minutes of CPU time each`;

async function run(
  flags: Flags,
  display: Display,
  stop: AbortSignal,
  hurry: AbortSignal,
): Promise<number> {
  const { agd, home: dir } = flags;
  const say = (text: string): void => {
    display.say(`agd localnet: ${text}`);
  };
  const found = await recordOf(dir);
  const validators = found?.nodes.length ?? flags.validators ?? VALIDATORS;
  const vatConfig =
    flags.vatConfig === undefined
      ? null
      : await checkedVatConfig(flags.vatConfig);
  if (found) checkSame(flags, vatConfig, found);
  const split = splitOf(flags.split, validators);
  if (!found) say(`making a network of ${String(validators)} in ${dir}`);
  const made =
    found ??
    (await makeNetwork({
      ...{ agd, dir, validators, signal: stop },
      bootstrapVatConfig: vatConfig,
    }));
  const release = claim(dir);
  try {
    const record = await assignPorts(
      ...([agd, dir, made] as const),
      ({ name }) => ownerOf(join(dir, name)) !== undefined,
      stop,
    );
    await writeRecord(dir, record);
    stop.throwIfAborted();
    for (const { name, rpc } of record.nodes) {
      say(
        `${name}: RPC at http://127.0.0.1:${String(rpc)}, home ${dir}/${name}`,
      );
    }
    say(found ? 'starting' : `starting; ${bootTime(record)}`);
    const network = await Network.start(
      {
        ...{ agd, dir, record, split, env: process.env },
        command: callable(agd, process.env['PATH']),
      },
      display,
    );
    hurry.addEventListener('abort', () => {
      void network.stop();
    });
    try {
      await network.watch(stop);
    } finally {
      if (stop.aborted) say('stopping; Ctrl-C again hurries');
      await network.stop();
      network.reportLeft();
    }
    if (stop.aborted) return EXIT_SIGNAL;
    say('every node has ended');
    return EXIT_UNASKED;
  } finally {
    release();
  }
}

const [stop, hurry] = [new AbortController(), new AbortController()];
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    (stop.signal.aborted ? hurry : stop).abort();
  });
}
try {
  const display = process.stdout.isTTY
    ? new TerminalDisplay(process.stdout)
    : new LineDisplay(process.stdout);
  // If the reader of the output goes away, the network continues.
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => undefined);
  }
  const flags = flagsOf(process.argv.slice(2));
  process.exitCode = await run(flags, display, stop.signal, hurry.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`agd: ${(error as Error).message}\n`);
  }
  process.exitCode = stop.signal.aborted ? EXIT_SIGNAL : EXIT_FAILURE;
}
