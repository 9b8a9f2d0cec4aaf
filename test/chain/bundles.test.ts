import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { installed, largeBundle } from '../support/bundles.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd } from '../support/node.js';

/** The most bytes of a transaction on these nodes. */
const LIMIT = 500_000;

for (const mode of modes) {
  test.serial(
    `${mode}: install-bundle sends a bundle that no transaction may have in chunks, and the kernel verifies it`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const limit = ['mempool.max_tx_bytes', String(LIMIT)];
        await runAgd(home, ['config', 'set', 'config', ...limit]);
        const { bundle, hash } = await largeBundle();
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        const install = async (
          what: string,
          ...more: string[]
        ): Promise<string> => {
          const file = join(dir, 'bundle.json');
          await writeFile(file, what);
          return node.agd(
            ...['tx', 'swingset', 'install-bundle', `@${file}`],
            ...['--from', 'alice', '--yes', '--output', 'json', ...more],
          );
        };
        try {
          await node.pids();
          const whole = ['--chunk-size', '0', '--gas', '100000000'];
          t.regex(
            await install(bundle, ...whole),
            /"code":21,.*raise mempool\.max_tx_bytes/,
          );

          const sent = (await install(bundle)).split('\n');
          t.is(sent.length, 3, 'the announcement and two chunks');
          t.deepEqual(await installed(node, hash), {
            endoZipBase64Sha512: hash,
            installed: true,
            error: null,
          });

          // The kernel, not the chain, finds that the content is another's.
          const claimed = 'ab'.repeat(64);
          const [last] = (
            await install(
              bundle.replace(hash, claimed),
              ...['--chunk-size', '300000', '--wait'],
            )
          ).split('\n');
          t.regex(last ?? '', /"code":0,/);
          const refused = await installed(node, claimed);
          t.is(refused.installed, false);
          t.regex(JSON.stringify(refused.error), /integrity check/);
        } finally {
          await node.kill();
        }
      });
    },
  );
}
