import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The programs. */
export const fixture = fileURLToPath(
  new URL('fixture-process.ts', import.meta.url),
);

/** Runs one program of fixture-process.ts to its end; kills it at a timeout. */
export async function run(program: string, ...args: string[]) {
  const child = spawn(
    process.execPath,
    ['--import=tsx', fixture, program, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      killSignal: 'SIGKILL',
      // For make test-addon-memory: what an open bridge holds at the process's
      // end is not a leak.
      env: program.startsWith('exit')
        ? { ...process.env, LSAN_OPTIONS: 'detect_leaks=0' }
        : process.env,
    },
  );
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { pid: child.pid, stdout, stderr, code, signal };
}
