import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { agvm, root } from '../support/paths.js';
import { Process } from '../support/process.js';

/** The substitute for upstream's agd, built from `agd/` in this directory. */
const upstreamAgd = join(root, 'build', 'test', 'upstream-agd');

/** The substitute's report on a run (`report` in `agd/main.go`). */
export interface Report<Findings> {
  readonly error: string;
  /** Process ids: of agvm, and of its child processes just before the end. */
  readonly vm: number;
  readonly workers: readonly number[] | null;
  readonly ending: {
    readonly exitCode: number;
    readonly millis: number;
    readonly signalled: boolean;
  };
  readonly findings: Findings;
  readonly downcalls: readonly Downcall[];
  readonly storage: Readonly<Record<string, string>>;
  readonly exported: number;
}

interface Downcall {
  readonly port: string;
  readonly method: string;
  /** The upcalls that were pending, joined by `+`. */
  readonly during: string;
  readonly count: number;
}

/** A response as Go's client returns it. */
export interface Answer {
  readonly reply: string;
  readonly error: string | null;
  /** Whether the error is agvm's response. */
  readonly remote: boolean;
}

export interface Frame {
  readonly id: number | null;
  readonly method?: string;
  readonly params?: readonly [Message];
  readonly result?: unknown;
  readonly error?: unknown;
}

interface Message {
  readonly Port: number;
  readonly Data: string;
  readonly NeedsReply: boolean;
}

/** A frame with its direction. */
export interface Traced {
  readonly to: 'agd' | 'agvm';
  readonly frame: Frame;
}

export interface Run {
  readonly process: Process;
  /** The common part of both processes' command lines. */
  readonly args: readonly string[];
  /** The home directory that upstream passes to the VM by default. */
  readonly defaultHome: string;
  /** Every frame so far, in the order in which agd wrote or read it. */
  readonly trace: () => Traced[];
  /** The kernel's own log. */
  readonly slog: () => string;
}

/**
 * Starts a scenario on a home below `dir`, whose kernel has committed the block
 * of that height, with a program as its VM.
 */
export function start(
  scenario: string,
  dir: string,
  home: string,
  height: number,
  { vm = agvm, env: more = {} }: { vm?: string; env?: NodeJS.ProcessEnv } = {},
): Run {
  for (const file of [upstreamAgd, vm]) {
    if (!existsSync(file)) {
      throw new Error(`${file} is absent: run \`make build build-test\``);
    }
  }
  const traceFile = join(dir, `trace-${scenario}`);
  const slogFile = join(dir, `slog-${scenario}`);
  const userHome = join(dir, 'user');
  const args = [
    'start',
    `--home=${join(dir, home)}`,
    ...['--split-vm', vm],
    ...['--log_level', 'info'],
    ...['--minimum-gas-prices', '0ubld'],
    ...['--pruning', 'nothing'],
    ...['--scenario', scenario],
    ...['--height', String(height)],
    ...['--trace', traceFile],
  ];
  const env = { ...process.env, HOME: userHome, SLOGFILE: slogFile, ...more };
  return {
    process: new Process(upstreamAgd, args, env),
    args,
    defaultHome: join(userHome, '.agoric'),
    trace: () =>
      readFileSync(traceFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Traced),
    slog: () => readFileSync(slogFile, 'utf8'),
  };
}

/**
 * Waits for the end of a run.
 *
 * @throws {Error} the run failed; the message has the last lines of stderr
 */
export async function finish<Findings>(run: Run): Promise<Report<Findings>> {
  const { code } = await run.process.exited;
  const line = run.process.stdout.at(-1);
  const stderr = run.process.stderr.slice(-20).join('\n');
  if (!line?.startsWith('{')) {
    throw new Error(`no report, exit code ${String(code)}; stderr:\n${stderr}`);
  }
  const report = JSON.parse(line) as Report<Findings>;
  if (report.error !== '') throw new Error(`${report.error}\n${stderr}`);
  return report;
}
