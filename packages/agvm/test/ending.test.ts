import test from 'ava';

import { makeEnd } from '../src/ending.js';
import type { KernelShutdown } from '../src/signals.js';

function ending(kernelShutdown?: KernelShutdown) {
  const exits: unknown[] = [];
  const lines: string[] = [];
  const target = {
    exitCode: undefined as number | undefined,
    exit: ((code?: number) =>
      exits.push(code)) as unknown as typeof process.exit,
  };
  const end = makeEnd({
    target,
    kernelShutdown: () => kernelShutdown,
    log: (line) => lines.push(line),
  });
  return { end, exits, lines, target };
}

test('without a kernel the process ends at once, and the first call decides', (t) => {
  const { end, exits, lines } = ending();
  end(1, 'agd is gone');
  end(0);
  t.deepEqual(exits, [1]);
  t.deepEqual(lines, ['agd is gone']);
});

test('the kernel shuts itself down, and the exit code is ours', (t) => {
  const told: string[] = [];
  const { end, exits, target } = ending((signal) => {
    told.push(signal);
    target.exitCode = 98;
  });
  end(0);
  end(1);
  t.deepEqual(told, ['SIGINT']);
  t.is(target.exitCode, 0);
  t.deepEqual(exits, []);
});

test('a kernel that does not shut down is ended after its grace period', async (t) => {
  const { end, exits } = ending(() => undefined);
  const start = Date.now();
  end(0);
  while (exits.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.deepEqual(exits, [0]);
  t.true(Date.now() - start < 3000);
});
