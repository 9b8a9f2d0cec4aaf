// The spans of a node, as a real OpenTelemetry Collector receives them.
import { fileURLToPath } from 'node:url';

import { Collector, withCollector } from '../support/collector.js';
import { bootedHome, freshHome, withTempDir } from '../support/homes.js';
import { startWithVm } from '../support/kernelless.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';
import {
  blocksAreTraces,
  exportSpans,
  failureIsAStatus,
  type Exporter,
} from '../support/spans.js';

const exporters: readonly Exporter[] = ['otlp_grpc', 'otlp_http'];

const failing = fileURLToPath(
  new URL('../lifecycle/fixture-failing-vm.ts', import.meta.url),
);

for (const mode of modes) {
  for (const exporter of exporters) {
    withCollector(
      `${mode}: a collector receives each block as one trace of two services, by ${exporter}`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          const collector = await Collector.start(dir);
          await exportSpans(home, exporter, collector.ports[exporter]);
          const node = new AgdNode({ home, mode, ports: await nodePorts() });
          try {
            const first = await node.height(1);
            const action = ['swingset', 'wallet-action', '{}', '--from', 'bob'];
            const height = await node.tx(...action);
            t.true(height > first);
            await node.height(height + 1);
            await node.stop();
            const spans = await collector.spans();
            blocksAreTraces(t, spans);
            t.deepEqual(
              spans.filter(({ error }) => error !== undefined),
              [],
            );
          } finally {
            await Promise.all([node.kill(), collector.kill()]);
          }
        });
      },
    );
  }

  withCollector(
    `${mode}: a block action that fails is an error on both sides`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        const collector = await Collector.start(dir);
        await exportSpans(home, 'otlp_grpc', collector.ports.otlp_grpc);
        const ports = await nodePorts();
        const env = { FAIL_AT: '3' };
        const node = startWithVm(failing, { home, mode, ports, env });
        try {
          t.deepEqual(await node.exited, { code: 99, signal: null });
          failureIsAStatus(
            t,
            await collector.spans(),
            'swingset.EndBlock',
            /the kernel is broken/,
          );
        } finally {
          await Promise.all([node.kill(), collector.kill()]);
        }
      });
    },
  );
}
