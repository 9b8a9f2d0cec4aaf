import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import test from 'ava';

import { root } from '../support/paths.js';
import { Process, processes } from '../support/process.js';

/**
 * Stands for agd: it says how many of each signal it got, and ends with 98 after
 * `quit`. A terminal sends Ctrl-C to the group of make alone.
 */
const node = `
  const got = [];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      got.push(signal);
      console.log(got.join());
      setTimeout(() => process.exit(98), 100);
    });
  }
  console.log('listens');
  setInterval(() => undefined, 1000);
`;

const foreground = (...command: string[]): Process =>
  new Process(join(root, 'tools', 'foreground.sh'), command);

/** Kills what is left of a script and of its node. */
async function killAll(script: Process): Promise<void> {
  for (const { pid, session } of processes()) {
    if (session === script.pid && pid !== script.pid) process.kill(pid, 9);
  }
  await script.kill();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  for (const target of ['script', 'group'] as const) {
    test(`${signal} at the ${target} reaches the node once, and its code 98 becomes 0`, async (t) => {
      const script = foreground(process.execPath, '-e', node);
      try {
        await script.line((line) => line === 'listens' || undefined);
        process.kill(target === 'script' ? script.pid : -script.pid, signal);
        t.deepEqual(await script.exited, { code: 0, signal: null });
        t.deepEqual(script.stdout.slice(1), [signal]);
      } finally {
        await killAll(script);
      }
    });
  }
}

test('other exit codes of the node stay', async (t) => {
  for (const [code, want] of [
    [0, 0],
    [1, 1],
    [97, 0],
    [98, 0],
    [99, 99],
    [130, 130],
  ] as const) {
    const script = foreground('sh', '-c', `exit ${String(code)}`);
    t.deepEqual(await script.exited, { code: want, signal: null });
  }
});

test('a Ctrl-C while the node starts ends both', async (t) => {
  for (let run = 0; run < 40; run += 1) {
    const script = foreground('sleep', '1000');
    try {
      const pid = String(script.pid);
      const children = `/proc/${pid}/task/${pid}/children`;
      while (readFileSync(children, 'utf8') === '');
      process.kill(-script.pid, 'SIGINT');
      t.deepEqual(await script.exited, { code: 0, signal: null });
    } finally {
      await killAll(script);
    }
  }
});
