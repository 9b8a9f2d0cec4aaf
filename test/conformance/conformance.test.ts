import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import test, { type ExecutionContext } from 'ava';

import { chosenBackends, requireBuilt, type Backend } from './backends.js';
import { GO_ENDS, PASSED, type Case } from './case.js';
import { cases } from './cases.js';

const fixture = fileURLToPath(new URL('fixture-case.ts', import.meta.url));
const CASE_MS = 30_000;

// ava starts all tests of a file at once, which would be too many processes:
// each test needs two.
let free = availableParallelism();
const queue: (() => void)[] = [];

async function limited(run: () => Promise<void>): Promise<void> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => queue.push(resolve));
  try {
    await run();
  } finally {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  }
}

/** Runs one case in a fresh process, which must report success and exit by itself. */
async function runCase(
  t: ExecutionContext,
  backend: Backend,
  { name, limits = {}, goTells = [GO_ENDS] }: Case,
): Promise<void> {
  const [command, ...args] = backend.command([
    '--import=tsx',
    fixture,
    backend.name,
    name,
  ]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...backend.env({ limits }) },
    detached: true,
  });
  // Kills the group: in split mode Node is the child of the Go program.
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, CASE_MS);
  // Both streams end when the last process that holds them exits.
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
  ]);
  clearTimeout(timer);
  const lines = out.trim().split('\n').sort();
  t.deepEqual(lines, [PASSED, ...goTells].sort(), err);
  t.is(err, '');
}

for (const backend of chosenBackends(process.env)) {
  for (const each of cases) {
    if (each.notApplicable?.[backend.name] !== undefined) continue;
    test(`${backend.name}: ${each.name}`, async (t) => {
      t.timeout(CASE_MS * cases.length);
      requireBuilt(backend);
      await limited(() => runCase(t, backend, each));
    });
  }
}
