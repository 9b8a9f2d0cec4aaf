import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/**
 * Starts a candidate's program once; resolves with the time to its first
 * output, in nanoseconds.
 */
export async function runStart(
  command: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<readonly number[]> {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const [out] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const line = out.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`${file}: it did not start`);
  const { nanoseconds } = JSON.parse(line) as { nanoseconds: number[] };
  return nanoseconds;
}
