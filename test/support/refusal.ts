import type { ExecutionContext } from 'ava';

import { agd } from './paths.js';
import { Process, processes } from './process.js';

/**
 * How to run a command, and its expected end; default: agd, with exit code 1.
 */
export interface Refused {
  readonly file?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly code?: number;
}

/**
 * Runs agd, and expects a failure with a one-line explanation (agd's, or the
 * VM's, whose end agd then reports), no stack, and no remaining process.
 */
export async function expectRefusal(
  t: ExecutionContext,
  args: readonly string[],
  expected: RegExp,
  { file = agd, env = {}, code = 1 }: Refused = {},
): Promise<void> {
  const run = new Process(file, args, { ...process.env, ...env });
  const exit = await run.exited;
  const said = run.stderr.join('\n');
  t.deepEqual(exit, { code, signal: null }, said);
  const lines = run.stderr.filter((line) => /^(agd|agvm): /.test(line));
  t.regex(lines.join('\n'), expected, said);
  const speakers = lines.map((line) => line.slice(0, line.indexOf(':')));
  t.deepEqual(speakers, [...new Set(speakers)], `one line each: ${said}`);
  const vm = lines.find((line) => line.startsWith('agvm: '));
  if (vm !== undefined) t.regex(vm, expected, 'what the VM says is the reason');
  t.notRegex(said, /^\s+at |^goroutine \d/m, 'no stack trace');
  t.deepEqual(
    processes().filter((row) => row.session === run.pid),
    [],
    'no process is left',
  );
}
