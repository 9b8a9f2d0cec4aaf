import { fileURLToPath } from 'node:url';

import test from 'ava';

import { followerHome, freshHome, withTempDir } from '../support/homes.js';
import { startWithVm } from '../support/kernelless.js';
import { committedHeight, modes, nodePorts } from '../support/node.js';
import type { Process } from '../support/process.js';

const vm = fileURLToPath(new URL('fixture-failing-vm.ts', import.meta.url));

async function committed(node: Process, wanted: number): Promise<void> {
  await node.line((line) =>
    (committedHeight(line) ?? 0) >= wanted ? true : undefined,
  );
}

const failure =
  /^agd: block failed: FinalizeBlock: .*swingset\.EndBlock: the kernel is broken$/;

for (const mode of modes) {
  test.serial(
    `${mode}: a failed block action ends agd with 99, in consensus and in block sync`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        const ports = await nodePorts();
        const options = { home, mode, ports };
        const leader = startWithVm(vm, { ...options, env: { FAIL_AT: '8' } });
        let follower: Process | undefined;
        try {
          t.deepEqual(await leader.exited, { code: 99, signal: null });
          t.regex(leader.stderr.at(-1) ?? '', failure);
          // It repeats the block, and now continues.
          const again = startWithVm(vm, options);
          try {
            await committed(again, 9);
            follower = startWithVm(vm, {
              home: await followerHome(dir, { options }),
              mode,
              ports: await nodePorts(),
              env: { FAIL_AT: '5' },
            });
            t.deepEqual(await follower.exited, { code: 99, signal: null });
            t.regex(follower.stderr.at(-1) ?? '', failure);
          } finally {
            await again.kill();
          }
        } finally {
          await Promise.all([leader.kill(), follower?.kill()]);
        }
      });
    },
  );
}
