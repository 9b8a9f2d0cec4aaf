// Proofs of the chain's stores that a light client can verify, on a node in
// each mode.
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';
import { root } from '../support/paths.js';
import { Process } from '../support/process.js';

const lightClient = join(root, 'build', 'test', 'testlightclient');

for (const mode of modes) {
  test.serial(
    `${mode}: a light client proves every entry of the swing-store's export data and of vstorage, and the absence of its neighbours`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          await node.pids();
          await node.height(node.committed() + 1);
          for (const [store, prefix] of [
            ['swingset', 'swingStore.'],
            ['vstorage', '0'],
            ['vstorage', '1'],
          ] as const) {
            const client = new Process(lightClient, [
              node.rpcUrl,
              store,
              prefix,
            ]);
            const { code } = await client.exited;
            t.is(code, 0, client.stderr.join('\n'));
            t.regex(client.stdout.join('\n'), /^\d+ entries, \d+ empty$/);
            t.log(store, prefix, client.stdout.join());
          }
        } finally {
          await node.kill();
        }
      });
    },
  );
}
