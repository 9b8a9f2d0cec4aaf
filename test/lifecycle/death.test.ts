import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  committedHeight,
  modes,
  nodePorts,
  said,
} from '../support/node.js';
import { agvm } from '../support/paths.js';
import { gone, processes, workers } from '../support/process.js';

/** How the VM is started: by agd itself, or by a script that keeps running. */
const wrappers = {
  'started by agd': undefined,
  'below a wrapper that waits for it': 'node "$AGVM" "$@"; exit $?',
  'below a wrapper that continues after it': 'node "$AGVM" "$@"; sleep 1000',
} as const;

async function wrapper(dir: string, script: string): Promise<string> {
  const file = join(dir, 'wrapper');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return `--split-vm=${file}`;
}

/** Every process below a node or in its session, the node included. */
function all(node: AgdNode): number[] {
  return processes()
    .filter((row) => row.session === node.pid || row.pid === node.pid)
    .map((row) => row.pid);
}

for (const [how, script] of Object.entries(wrappers)) {
  for (const victim of ['agd', 'vm'] as const) {
    test.serial(
      `split: SIGKILL of the ${victim}, the VM ${how}, ends all, workers that hold descriptors included`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          const args = script === undefined ? [] : [await wrapper(dir, script)];
          const node = new AgdNode({
            home,
            mode: 'split',
            ports: await nodePorts(),
            args,
            env: { AGVM: agvm },
          });
          try {
            const pids = await node.pids();
            // A stopped worker does not read end-of-file, and keeps its
            // descriptors open.
            const held = workers(pids.vm).map((row) => row.pid);
            t.not(held.length, 0);
            for (const pid of held) process.kill(pid, 'SIGSTOP');
            const before = [...all(node), ...held];
            t.true(before.includes(pids.vm), 'agd knows the VM by its own id');
            process.kill(pids[victim], 'SIGKILL');
            const exit = await node.exited;
            await gone(before);
            if (victim === 'vm') {
              t.deepEqual(exit, { code: 99, signal: null });
              t.regex(node.stderr.at(-1) ?? '', /^agd: the VM ended: .*\(VM: /);
            }
          } finally {
            await node.kill();
          }
        });
      },
    );
  }
}

test.serial(
  'split: a VM behind a wrapper that does not forward signals is stopped with the node',
  async (t) => {
    await withTempDir(async (dir) => {
      const node = new AgdNode({
        home: await bootedHome(dir),
        mode: 'split',
        ports: await nodePorts(),
        args: [await wrapper(dir, 'trap "" TERM INT; node "$AGVM" "$@"; true')],
        env: { AGVM: agvm },
      });
      try {
        await node.pids();
        const before = all(node);
        t.deepEqual(await node.stop(), { code: 98, signal: null });
        await gone(before);
      } finally {
        await node.kill();
      }
    });
  },
);

test.serial(
  'split: a second signal ends a suspended VM and its node, with 98',
  async (t) => {
    await withTempDir(async (dir) => {
      const node = new AgdNode({
        home: await bootedHome(dir),
        mode: 'split',
        ports: await nodePorts(),
      });
      try {
        const { vm } = await node.pids();
        process.kill(vm, 'SIGSTOP');
        const before = all(node);
        node.signal('SIGTERM');
        await node.line((line) =>
          line.includes('the running block action ends') ? true : undefined,
        );
        node.signal('SIGTERM');
        t.deepEqual(await node.exited, { code: 98, signal: null });
        await gone(before);
      } finally {
        await node.kill();
      }
    });
  },
);

test.serial('split: agd reports how a crashed VM ended', async (t) => {
  await withTempDir(async (dir) => {
    const node = new AgdNode({
      home: await bootedHome(dir),
      mode: 'split',
      ports: await nodePorts(),
      env: { AGD_VM_NODE_ARGS: '--report-on-signal=false' },
    });
    try {
      const { vm } = await node.pids();
      process.kill(vm, 'SIGABRT');
      t.deepEqual(await node.exited, { code: 99, signal: null });
      t.regex(
        node.stderr.at(-1) ?? '',
        /^agd: the VM ended: .*\(VM: signal: aborted/,
      );
    } finally {
      await node.kill();
    }
  });
});

for (const mode of modes) {
  test.serial(`${mode}: each line of the log names its process`, async (t) => {
    await withTempDir(async (dir) => {
      const node = new AgdNode({
        home: await bootedHome(dir),
        mode,
        ports: await nodePorts(),
      });
      try {
        await node.line((line) => said(line) === 'ready' || undefined);
        const first = node.committed() + 1;
        await node.height(first + 2);
        const idle = node.stdout.map((line) => committedHeight(line));
        t.deepEqual(
          idle.slice(idle.indexOf(first), idle.indexOf(first) + 3),
          [first, first + 1, first + 2],
          'a block is one line',
        );
        await node.stop();
        t.deepEqual(
          node.stdout.filter((line) => line.includes('"level":"error"')),
          [],
          'a stop is no error',
        );
        const entries = node.stdout.filter((line) => line.startsWith('{'));
        for (const line of entries) {
          t.regex(line, /"process":"(agd|agvm)"/);
        }
        const fromVm = entries.filter((line) => line.includes('"agvm"'));
        if (mode === 'split') {
          t.not(fromVm.length, 0, 'the kernel says something when it starts');
          t.deepEqual(
            node.stdout.filter((line) => !line.startsWith('{')),
            [],
            'nothing passes agd by',
          );
        }
      } finally {
        await node.kill();
      }
    });
  });
}
