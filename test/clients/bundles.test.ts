import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { installed, largeBundle } from '../support/bundles.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, privateKey } from '../support/node.js';
import { root } from '../support/paths.js';
import { patience } from '../support/process.js';

const run = promisify(execFile);
const client = join(root, 'test', 'clients', 'fixture-bundles.mjs');

/** What the fixture prints. */
interface Told {
  readonly chunked: boolean;
  readonly chunkCount: number;
  readonly chunkedArtifactId: number;
  readonly steps: readonly string[];
}

for (const mode of modes) {
  test.serial(
    `${mode}: the bundle tools of @agoric/client-utils send a bundle in chunks, and the kernel verifies it`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        const { bundle, hash } = await largeBundle();
        const file = join(dir, 'bundle.json');
        await writeFile(file, bundle);
        try {
          await node.pids();
          const argument = JSON.stringify({
            url: node.rpcUrl,
            key: await privateKey(home, 'alice'),
            file,
            chunkSizeLimit: 250_000,
          });
          const { stdout } = await run('node', [client, argument], {
            timeout: patience,
            killSignal: 'SIGKILL',
          });
          const { steps, ...told } = JSON.parse(stdout) as Told;
          t.like(told, { chunked: true, chunkCount: 3, chunkedArtifactId: 1 });
          t.deepEqual(steps, [
            'preflight',
            'manifest-submitted',
            ...Array.from({ length: 3 }, () => 'chunk-submitted'),
            'watching',
          ]);
          t.like(await installed(node, hash), { installed: true });
        } finally {
          await node.kill();
        }
      });
    },
  );
}
