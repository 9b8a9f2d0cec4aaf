// Stop signals before the first block: while agd starts, becomes Node.js, loads
// its library and starts the VM, and while CometBFT waits in its own start.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { waitingHome } from '../support/homes.js';
import { startWithVm } from '../support/kernelless.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';
import { descendants, gone, type Process } from '../support/process.js';

const vm = fileURLToPath(new URL('fixture-stopping-vm.ts', import.meta.url));

const shared = { dir: '', home: '' };

test.before(async () => {
  shared.dir = await mkdtemp(join(tmpdir(), 'agd-test-'));
  shared.home = await waitingHome(shared.dir);
});

test.after.always(async () => {
  await rm(shared.dir, { recursive: true, force: true });
});

/** Number of starts of each mode that get a signal; a sweep has more. */
const starts = Number(process.env['EARLY_SIGNALS'] ?? 4);

/**
 * Period in which the signal comes, in ms. On an idle machine a node waits for
 * its genesis time at the end of it.
 */
const span = 3000;

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Resolves once agd itself runs, not the loader before it: SIGTERM has a handler. */
async function runs(pid: number): Promise<void> {
  const bit = 1n << 14n;
  for (;;) {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const caught = /^SigCgt:\s+(\w+)$/m.exec(status)?.[1] ?? '0';
    const agd = status.startsWith('Name:\tagd\n');
    if (agd && (BigInt(`0x${caught}`) & bit) !== 0n) return;
    await setTimeout(1);
  }
}

const lastOfAgd = ({ stderr }: Process): string | undefined =>
  // In-process, output of the kernel follows it.
  stderr.findLast((line) => line.startsWith('agd: '));

for (const mode of modes) {
  test.serial(
    `${mode}: a signal at any time in the first seconds is a stop`,
    async (t) => {
      const { home } = shared;
      for (let i = 0; i < starts; i += 1) {
        const signal = signals[i % signals.length] ?? 'SIGTERM';
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          await runs(node.pid);
          // One signal in each part of the period.
          const wait = ((i + Math.random()) / starts) * span;
          await setTimeout(wait);
          const below = descendants(node.pid).map((row) => row.pid);
          const exit = await node.stop(signal);
          const when = `${signal} after ${String(Math.round(wait))} ms`;
          t.deepEqual(exit, { code: 98, signal: null }, when);
          t.is(lastOfAgd(node), undefined, when);
          await gone(below);
        } finally {
          await node.kill();
        }
      }
    },
  );

  test.serial(
    `${mode}: a VM that ends while CometBFT waits for the genesis time ends agd with 99, at once`,
    async (t) => {
      const { dir, home } = shared;
      const file = join(dir, `leave-${mode}`);
      const node = startWithVm(vm, {
        home,
        mode,
        ports: await nodePorts(),
        env: { LEAVE_WHEN: file },
      });
      try {
        await node.line((line) =>
          line.includes('Genesis time is in the future') ? true : undefined,
        );
        const start = Date.now();
        await writeFile(file, '');
        t.deepEqual(await node.exited, { code: 99, signal: null });
        const took = Date.now() - start;
        t.true(took < 5000, `it took ${String(took)} ms`);
        t.regex(lastOfAgd(node) ?? '', /^agd: the VM ended: /);
      } finally {
        await node.kill();
      }
    },
  );

  test.serial(
    `${mode}: a VM's request to stop without a signal is not an operator's stop`,
    async (t) => {
      const { home } = shared;
      for (const [params, exit] of [
        [[], { code: 99, signal: null }],
        [['{"signal":"SIGHUP"}'], { code: 98, signal: null }],
      ] as const) {
        const node = startWithVm(vm, {
          home,
          mode,
          ports: await nodePorts(),
          env: { STOP_PARAMS: JSON.stringify(params) },
        });
        try {
          t.deepEqual(await node.exited, exit);
          if (exit.code === 99) {
            t.regex(
              lastOfAgd(node) ?? '',
              /the VM requested a stop .*without the name of a signal/,
            );
          }
        } finally {
          await node.kill();
        }
      }
    },
  );
}
