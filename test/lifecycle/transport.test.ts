// Transports of the split mode.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  logEntry,
  nodePorts,
  startArgs,
} from '../support/node.js';
import { agd, agvm } from '../support/paths.js';
import { Process, descendants, gone } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

/** The transport that the node logs. */
async function transportOf(node: AgdNode): Promise<unknown> {
  return node.line((line) => {
    const entry = logEntry(line);
    return entry?.['message'] === 'kernel connected'
      ? entry['transport']
      : undefined;
  });
}

/** A VM that does not see the shared memory that agd offers. */
async function withoutMemory(dir: string): Promise<string> {
  const file = join(dir, 'vm');
  await writeFile(
    file,
    `#!/bin/sh\nunset AGVM_SHM\nexec node '${agvm}' "$@"\n`,
  );
  await chmod(file, 0o755);
  return `--split-vm=${file}`;
}

for (const [args, carries] of [
  [[], 'shm'],
  [['--split-transport=shm'], 'shm'],
  [['--split-transport=pipe'], 'pipe'],
] as const) {
  test.serial(
    `${args[0] ?? 'by default'}: the chain runs over ${carries}, stops, and continues`,
    async (t) => {
      await withTempDir(async (dir) => {
        const options = {
          home: await bootedHome(dir),
          mode: 'split',
          ports: await nodePorts(),
          args,
        } as const;
        const bob = await address(options.home, 'bob');
        for (const total of ['7', '14']) {
          const node = new AgdNode(options);
          try {
            t.is(await transportOf(node), carries);
            await node.tx('bank', 'send', 'alice', bob, '7uist');
            t.is(
              await node.vstorage(`published.bank.${bob}`),
              `{"ubld":"1000000","uist":"${total}"}`,
            );
            t.deepEqual(await node.stop(), { code: 98, signal: null });
          } finally {
            await node.kill();
          }
        }
      });
    },
  );
}

for (const victim of ['agd', 'vm'] as const) {
  test.serial(
    `over shared memory, the death of the ${victim} ends the other`,
    async (t) => {
      await withTempDir(async (dir) => {
        const node = new AgdNode({
          home: await bootedHome(dir),
          mode: 'split',
          ports: await nodePorts(),
          args: ['--split-transport=shm'],
        });
        try {
          const pids = await node.pids();
          const all = [
            node.pid,
            ...descendants(node.pid).map(({ pid }) => pid),
          ];
          process.kill(pids[victim], 'SIGKILL');
          const exit = await node.exited;
          if (victim === 'vm') t.deepEqual(exit, { code: 99, signal: null });
          await gone(all);
          t.pass();
        } finally {
          await node.kill();
        }
      });
    },
  );
}

test.serial(
  'a VM without shared memory: auto uses pipes, shm refuses',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const vm = await withoutMemory(dir);
      const options = {
        home,
        mode: 'split',
        ports: await nodePorts(),
      } as const;
      const node = new AgdNode({
        ...options,
        args: [vm, '--split-transport=auto'],
      });
      try {
        t.is(await transportOf(node), 'pipe');
        await node.pids();
        t.deepEqual(await node.stop(), { code: 98, signal: null });
      } finally {
        await node.kill();
      }
      await expectRefusal(
        t,
        startArgs({ ...options, args: [vm, '--split-transport=shm'] }),
        /^agd: --split-transport=shm: the VM does not use shared memory: /m,
      );
      await expectRefusal(
        t,
        startArgs({ ...options, args: ['--split-transport=smoke'] }),
        /^agd: option split-transport: --split-transport has "smoke": expected auto, pipe or shm$/m,
      );
    });
  },
);

test.serial(
  'a system without shared memory: auto uses pipes, shm refuses',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const exported = async (transport: string): Promise<Process> => {
        // The limit on file size applies to shared memory, too.
        const agdExport = new Process('/bin/sh', [
          '-c',
          'ulimit -f 4096; exec "$0" "$@"',
          agd,
          ...['export', '--home', home, '--split'],
          ...['--export-dir', join(dir, transport)],
          ...['--split-transport', transport],
        ]);
        await agdExport.exited;
        return agdExport;
      };
      const auto = await exported('auto');
      // The export got as far as the artifacts, which the limit prevents; the
      // exporter reports that. The kernel forgets an export that failed before
      // agd asks for it.
      t.regex(auto.stdout.join('\n'), /EFBIG: file too large, write/);
      t.regex(
        auto.stderr.join('\n'),
        /^agd: export failed: (.*EFBIG|No snapshot in progress)/m,
      );
      t.regex(
        (await exported('shm')).stderr.join('\n'),
        /^agd: --split-transport=shm: cannot make shared memory: .*file too large; auto uses pipes then$/m,
      );
    });
  },
);
