import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { exportArgs } from '../support/export.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import { runWithVm, startWithVm } from '../support/kernelless.js';
import { modes, nodePorts } from '../support/node.js';

const vm = fileURLToPath(new URL('fixture-failing-vm.ts', import.meta.url));

const refusal =
  /^agd: (export failed: )?the VM broke the protocol: from agvm: swingset\.SwingStoreExport: expected a directory (in|at) "/;

for (const mode of modes) {
  test.serial(
    `${mode}: agd uses a directory that the VM names only inside the VM's own directory`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const outside = join(dir, 'outside');
        await mkdir(outside);
        await writeFile(join(outside, 'kept'), 'kept');

        // In place of an export: another directory, and a link to it.
        const target = join(dir, 'exported');
        const args = exportArgs(home, mode, target);
        const temp = join(dir, '.exported.agd-export', 'tmp');
        for (const named of [outside, `${temp}/../../outside`]) {
          const env = { RETRIEVE: named };
          const run = runWithVm(vm, args, { mode, env });
          t.deepEqual(await run.exited, { code: 99, signal: null });
          t.regex(run.stderr.at(-1) ?? '', refusal);
        }
        t.false((await readdir(dir)).includes('exported'));

        // In place of a snapshot's part.
        const named = join(dir, 'link');
        await symlink(outside, named);
        const node = startWithVm(vm, {
          ...{ home, mode, ports: await nodePorts() },
          args: ['--state-sync.snapshot-interval', '1'],
          env: { RETRIEVE: named },
        });
        try {
          t.deepEqual(await node.exited, { code: 99, signal: null });
          t.regex(node.stderr.at(-1) ?? '', refusal);
        } finally {
          await node.kill();
        }
        t.is(await readFile(join(outside, 'kept'), 'utf8'), 'kept');
        t.deepEqual(await readdir(outside), ['kept']);
      });
    },
  );
}
