import { fileURLToPath } from 'node:url';

import { downcallSchemas } from '@agd-bridge/agvm';
import test from 'ava';

import { freshHome, withTempDir } from '../support/homes.js';
import { startWithVm } from '../support/kernelless.js';
import { modes, nodePorts, said } from '../support/node.js';
import type { Report } from './fixture-vm.js';

const vm = fileURLToPath(new URL('fixture-vm.ts', import.meta.url));

for (const mode of modes) {
  test.serial(
    `${mode}: agd serves every downcall during a block action, and none outside of one`,
    async (t) => {
      await withTempDir(async (dir) => {
        const node = startWithVm(vm, {
          home: await freshHome(dir),
          mode,
          ports: await nodePorts(),
        });
        try {
          const methods = Object.keys(downcallSchemas);
          const refusals = Object.fromEntries(
            methods.map((method) => [
              method,
              `${method}: no block action is running`,
            ]),
          );
          let reports = 0;
          const { inside, outside } = await node.line((printed) => {
            const line = said(printed);
            if (!line.startsWith('report ')) return undefined;
            const report = JSON.parse(line.slice('report '.length)) as Report;
            reports += 1;
            // A report is cut short if the next block has begun.
            const late = !Object.values(report.outside).includes(null);
            return late || reports === 5 ? report : undefined;
          });
          t.deepEqual(outside, refusals);
          t.deepEqual(Object.keys(inside).sort(), [...methods].sort());
          for (const method of methods) {
            t.not(inside[method], refusals[method]);
          }
          t.is(inside['vstorage.Get'], null);
          t.is(inside['swingset.SwingStoreUpdateExportData'], null);
        } finally {
          await node.kill();
        }
      });
    },
  );
}
