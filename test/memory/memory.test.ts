// Calls, notifications and errors each way leave the memory of both sides flat.
// The long run is `make test-memory`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { chosenBackends, requireBuilt } from '../conformance/backends.js';
import { growth, type Sample } from './sample.js';

const calls = Number(process.env['MEMORY_CALLS'] ?? 50_000);
const fixture = fileURLToPath(new URL('fixture-memory.ts', import.meta.url));

const MiB = 2 ** 20;
/**
 * How much the later half may have more than the earlier one. The halves'
 * middles lie half of the calls apart, so that in the long run two bytes lost in
 * each of them is over a heap's bound.
 */
const bounds: Readonly<Record<keyof Sample, number>> = {
  jsHeap: MiB,
  goHeap: MiB,
  goroutines: 2,
  jsResident: 12 * MiB,
  goResident: 12 * MiB,
};

interface Report {
  readonly upcalls: number;
  readonly notes: number;
  readonly samples: readonly Sample[];
}

for (const backend of chosenBackends(process.env)) {
  test.serial(
    `${backend.name}: memory stays flat over ${String(calls)} messages each way`,
    async (t) => {
      t.timeout(60_000 + calls * 2);
      requireBuilt(backend);
      const [command, ...args] = backend.command([
        // A small young generation reaches its size within the warm-up.
        ...['--expose-gc', '--max-semi-space-size=2', '--import=tsx', fixture],
        ...[backend.name, String(calls)],
      ]);
      const child = spawn(command, args, {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...backend.env({ limits: {} }) },
      });
      t.teardown(() => child.kill('SIGKILL'));
      const [out] = await Promise.all([
        text(child.stdout),
        once(child, 'exit'),
      ]);
      t.is(child.exitCode, 0);
      const report = out.split('\n').find((line) => line.startsWith('{'));
      const { upcalls, notes, samples } = JSON.parse(report ?? '{}') as Report;
      t.true(upcalls + notes >= calls, 'Go sent as much as was asked for');
      for (const [name, bound] of Object.entries(bounds)) {
        const what = name as keyof Sample;
        const more = growth(samples, what);
        const values = samples.map((sample) =>
          what === 'goroutines'
            ? String(sample[what])
            : (sample[what] / MiB).toFixed(2),
        );
        t.log(`${what}: ${values.join(' ')}`);
        t.true(more < bound, `${what} grows: ${values.join(' ')}`);
      }
    },
  );
}
