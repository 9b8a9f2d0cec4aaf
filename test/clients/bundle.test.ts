import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, privateKey } from '../support/node.js';
import { root } from '../support/paths.js';
import { patience } from '../support/process.js';

const run = promisify(execFile);

/** Of `installBundle` in `@agoric/client-utils`. */
interface Installed {
  readonly bundleHash: string;
  readonly chunked: boolean;
  readonly chunkCount: number;
  readonly compressedSize: number;
  readonly progress: readonly string[];
}

/** Makes the bundle of a module; the bundler needs a realm of its own. */
async function makeBundle(dir: string): Promise<string> {
  const module = join(dir, 'module.js');
  const file = join(dir, 'bundle.json');
  await writeFile(
    join(dir, 'package.json'),
    '{"name":"answer","type":"module"}',
  );
  await writeFile(module, 'export const answer = () => 42;\n');
  const program = `
    import '@endo/init';
    import bundleSource from '@endo/bundle-source';
    console.log(JSON.stringify(await bundleSource(process.argv[1])));`;
  const { stdout } = await run(
    'node',
    ['--input-type=module', '-e', program, module],
    { cwd: root, timeout: patience, killSignal: 'SIGKILL' },
  );
  await writeFile(file, stdout.trim());
  return file;
}

for (const mode of modes) {
  test.serial(
    `${mode}: Agoric's client library installs a bundle in chunks`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const file = await makeBundle(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          await node.pids();
          await node.listening();
          const client = join(root, 'test', 'clients', 'fixture-bundle.mjs');
          const chunkSizeLimit = 300;
          const argument = JSON.stringify({
            url: `ws://127.0.0.1:${String(node.options.ports.rpc)}`,
            key: await privateKey(home, 'alice'),
            file,
            chunkSizeLimit,
          });
          const { stdout } = await run('node', [client, argument], {
            timeout: patience,
            killSignal: 'SIGKILL',
          });
          const installed = JSON.parse(stdout) as Installed;
          const count = Math.ceil(installed.compressedSize / chunkSizeLimit);
          t.true(count > 1);
          t.is(installed.chunkCount, count);
          t.deepEqual(installed.progress, [
            ...['preflight', 'manifest-submitted'],
            ...Array.from({ length: count }, () => 'chunk-submitted'),
            'watching',
          ]);

          // The kernel publishes what it has installed.
          let told = '';
          while (!told.includes(installed.bundleHash)) {
            await node.height(node.committed() + 1);
            told = await node.vstorage('bundles');
          }
          t.regex(told, /\\"installed\\":true/);
        } finally {
          await node.kill();
        }
      });
    },
  );
}
