import { execFile } from 'node:child_process';
import {
  mkdir,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test, { type ExecutionContext } from 'ava';

import {
  HeldExport,
  contents,
  exportArgs,
  readJson,
  workDir,
  type Genesis,
  type Manifest,
} from '../support/export.js';
import { bootedHome, freshHome, withTempDir } from '../support/homes.js';
import { AgdNode, address, modes, nodePorts, runAgd } from '../support/node.js';
import { agd, root } from '../support/paths.js';
import { Process, gone } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

const run = promisify(execFile);

/** Makes an export that must succeed, and returns its manifest. */
async function exported(
  t: ExecutionContext,
  args: readonly string[],
): Promise<Manifest> {
  const export_ = new Process(agd, args);
  t.deepEqual(
    await export_.exited,
    { code: 0, signal: null },
    export_.stderr.join('\n'),
  );
  const dir = args[args.indexOf('--export-dir') + 1]!;
  await t.throwsAsync(stat(workDir(dir)), { code: 'ENOENT' });
  return readJson<Manifest>(dir, 'swing-store', 'export-manifest.json');
}

test.serial(
  'an export is the same in both modes, and another node can start from it',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const bob = await address(home, 'bob');
      const options = { home, ports: await nodePorts() };
      const node = new AgdNode({ ...options, mode: 'split' });
      const state = { height: 0 };
      try {
        const sent = await node.tx('bank', 'send', 'alice', bob, '7uist');
        await node.height(sent + 1);
        await node.stop();
        state.height = node.committed();
      } finally {
        await node.kill();
      }
      const dirs = modes.map((mode) => join(dir, `exported-${mode}`));
      const store = join(dirs[0]!, 'swing-store');
      for (const [index, mode] of modes.entries()) {
        await exported(t, exportArgs(home, mode, dirs[index]!));
      }
      t.deepEqual(await contents(dirs[0]!), await contents(dirs[1]!));

      const manifest = await readJson<Manifest>(store, 'export-manifest.json');
      t.is(manifest.blockHeight, state.height);
      t.is(manifest.artifactMode, 'operational');
      const files = ['export-manifest.json', manifest.data];
      files.push(...manifest.artifacts.map(([, file]) => file));
      t.deepEqual((await readdir(store)).sort(), files.sort());

      const genesis = await readJson<Genesis>(dirs[0]!, 'genesis.json');
      t.is(genesis.initial_height, state.height + 1);
      const { swingset } = genesis.app_state;
      t.deepEqual(swingset.swing_store_export_data, []);
      const hash = (await contents(store)).get(manifest.data);
      t.is(swingset.swing_store_export_data_hash, `sha256:${String(hash)}`);
      const chain = JSON.parse(await runAgd(home, ['export'])) as Genesis;
      const lines = (await readFile(join(store, manifest.data), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      t.deepEqual(
        lines,
        chain.app_state.swingset.swing_store_export_data.map((entry) => [
          entry.key,
          entry.value,
        ]),
      );

      // The kernel's own importer checks every artifact against the export data.
      const imported = join(dir, 'imported');
      await mkdir(imported);
      await run(process.execPath, [
        join(
          root,
          'node_modules/@agoric/cosmic-swingset/src/import-kernel-db.js',
        ),
        ...['--state-dir', imported, '--export-dir', store],
        ...['--export-data-mode', 'all'],
        ...['--check-block-height', String(state.height)],
      ]);

      const again = new AgdNode({ ...options, mode: 'in-process' });
      try {
        await again.height(state.height + 2);
        t.deepEqual(await again.stop(), { code: 98, signal: null });
      } finally {
        await again.kill();
      }
    });
  },
);

/** What may happen to a running export, and how agd then ends. */
interface Disturbance {
  readonly title: string;
  readonly disturb: (pids: {
    agd: number;
    vm: number;
    exporter: number;
  }) => void;
  readonly exit: { code: number | null; signal: NodeJS.Signals | null };
  readonly says: RegExp;
  /** Whether agd itself cannot clean up any more. */
  readonly leaves?: boolean;
}

const kill = (pid: number, signal: NodeJS.Signals): void => {
  process.kill(pid, signal);
};
const killed = { code: null, signal: 'SIGKILL' } as const;
const exporterKilled: Disturbance = {
  title: 'SIGKILL of the exporter',
  disturb: ({ exporter }) => {
    kill(exporter, 'SIGKILL');
  },
  exit: { code: 1, signal: null },
  says: /^agd: export failed: .*signal=SIGKILL/m,
};
const interrupted: Disturbance = {
  title: 'Ctrl-C',
  disturb: ({ agd: leader }) => {
    kill(-leader, 'SIGINT');
  },
  exit: { code: 98, signal: null },
  says: /^(?!.*agd: )/s,
};
const agdKilled: Disturbance = {
  title: 'SIGKILL of agd',
  disturb: ({ agd: leader }) => {
    kill(leader, 'SIGKILL');
  },
  exit: killed,
  says: /^/,
  leaves: true,
};
const vmKilled: Disturbance = {
  title: 'SIGKILL of the VM',
  disturb: ({ vm }) => {
    kill(vm, 'SIGKILL');
  },
  exit: { code: 1, signal: null },
  says: /^agd: export failed: the VM ended: .*signal: killed/m,
};

for (const mode of modes) {
  const disturbances = [exporterKilled, interrupted, agdKilled];
  if (mode === 'split') disturbances.push(vmKilled); // otherwise agd
  for (const { title, disturb, exit, says, leaves = false } of disturbances) {
    test.serial(
      `${mode}: ${title} during an export leaves nothing that blocks the next`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          const target = join(dir, 'exported');
          const held = new HeldExport(home, mode, target);
          try {
            const { exporter, vm } = await held.held();
            const partial = await readdir(workDir(target), { recursive: true });
            t.true(partial.some((path) => path.includes('snapshot.')));
            disturb({ agd: held.pid, vm, exporter });
            t.deepEqual(await held.exited, exit, held.stderr.join('\n'));
            t.regex(held.stderr.join('\n'), says);
            await gone([held.pid, vm, exporter]);
          } finally {
            await held.kill();
          }
          await t.throwsAsync(stat(target), { code: 'ENOENT' });
          const left = stat(workDir(target)).then(
            () => true,
            () => false,
          );
          t.is(await left, leaves);
          await exported(t, exportArgs(home, mode, target));
        });
      },
    );
  }

  test.serial(
    `${mode}: a full disk ends an export with the reason`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const target = join(dir, 'exported');
        // Limits files to 2 MiB; some artifacts are larger.
        const full = new Process('/bin/sh', [
          '-c',
          'ulimit -f 4096; exec "$0" "$@"',
          agd,
          ...exportArgs(home, mode, target),
        ]);
        t.deepEqual(await full.exited, { code: 1, signal: null });
        t.regex(
          full.stderr.join('\n'),
          /^agd: export failed: .*EFBIG: file too/m,
        );
        t.deepEqual((await readdir(dir)).sort(), ['home']);
        await exported(t, exportArgs(home, mode, target));
      });
    },
  );

  test.serial(`${mode}: an export that fails reports why`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const target = join(dir, 'exported');
      const args = exportArgs(home, mode, target);
      await expectRefusal(
        t,
        [...args, '--height', '1'],
        /--height 1: the kernel's store has only the latest block, \d+:/,
      );
      await expectRefusal(
        t,
        [...args, '--swing-store-export-mode', 'all'],
        /there is no "all"; there are skip operational replay archival debug/,
      );
      await expectRefusal(
        t,
        [...args, '--for-zero-height'],
        /--for-zero-height is not supported/,
      );
      await expectRefusal(
        t,
        [...args, '--output-document', join(dir, 'genesis.json')],
        /--export-dir and --output-document exclude each other/,
      );
      await writeFile(target, '');
      await expectRefusal(t, args, /exported is not a directory/);
      await rm(target);
      await mkdir(target);
      await writeFile(join(target, 'mine'), '');
      await expectRefusal(t, args, /exported is not empty/);
      t.deepEqual(await readdir(target), ['mine']);
      await rm(join(target, 'mine'));
      await exported(t, args); // an empty directory may be there

      await rm(join(home, 'data', 'agoric'), { recursive: true });
      await expectRefusal(
        t,
        exportArgs(home, mode, join(dir, 'other')),
        /no kernel's store at .*swingstore\.sqlite, though the chain is at block \d/,
      );
      await runAgd(home, ['comet', 'unsafe-reset-all']);
      await expectRefusal(
        t,
        exportArgs(home, mode, join(dir, 'other')),
        /has no block yet: there is nothing to export/,
      );
      t.deepEqual((await readdir(dir)).sort(), ['exported', 'home']);
    });
  });
}

test.serial(
  "a home whose kernel's store is ahead cannot be exported",
  async (t) => {
    await withTempDir(async (dir) => {
      const [ahead, behind] = [join(dir, 'a'), join(dir, 'b')];
      await Promise.all([mkdir(ahead), mkdir(behind)]);
      const home = await bootedHome(behind);
      const other = await bootedHome(ahead);
      const node = new AgdNode({
        home: other,
        mode: 'split',
        ports: await nodePorts(),
      });
      try {
        await node.pids();
        await node.stop();
      } finally {
        await node.kill();
      }
      await rm(join(home, 'data', 'agoric'), { recursive: true });
      await run('cp', [
        '-a',
        join(other, 'data', 'agoric'),
        join(home, 'data', 'agoric'),
      ]);
      for (const mode of modes) {
        await expectRefusal(
          t,
          exportArgs(home, mode, join(dir, 'exported')),
          /export failed: the kernel's store .* is at height \d+, the chain's store at height \d+/,
        );
      }
      t.deepEqual((await readdir(dir)).sort(), ['a', 'b']);
    });
  },
);

test.serial(
  "without a directory, or with mode skip, only the chain's state is exported, also at old heights",
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const old = JSON.parse(
        await runAgd(home, ['export', '--height', '1']),
      ) as Genesis;
      t.is(old.initial_height, 2);
      t.true(old.app_state.swingset.swing_store_export_data.length > 0);
      await runAgd(home, [
        ...['export', '--export-dir', join(dir, 'chain')],
        ...['--swing-store-export-mode', 'skip'],
      ]);
      t.deepEqual(await readdir(join(dir, 'chain')), ['genesis.json']);
      t.deepEqual(
        await readJson(dir, 'chain', 'genesis.json'),
        JSON.parse(await runAgd(home, ['export'])),
      );
      await expectRefusal(
        t,
        ['export', '--split', '--home', home],
        /--split is for exports with --export-dir/,
      );
      const node = new AgdNode({
        home,
        mode: 'in-process',
        ports: await nodePorts(),
      });
      try {
        await node.height(old.initial_height + 3); // the old height has no effect
        t.deepEqual(await node.stop(), { code: 98, signal: null });
      } finally {
        await node.kill();
      }
      await mkdir(join(dir, 'fresh'));
      const fresh = await freshHome(join(dir, 'fresh'));
      await expectRefusal(
        t,
        ['export', '--home', fresh],
        /this home has no block yet: there is nothing to export/,
      );
    });
  },
);
