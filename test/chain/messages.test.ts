import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, address, modes, nodePorts } from '../support/node.js';

for (const mode of modes) {
  test.serial(
    `${mode}: the kernel takes every message that Agoric's clients send`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const [permit, code] = [join(dir, 'permit.json'), join(dir, 'code.js')];
        await writeFile(permit, 'true');
        await writeFile(code, 'powers => powers');
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        const send = async (...command: string[]): Promise<number> =>
          node.tx(...command, '--from', 'alice', '--gas', '1000000');
        try {
          const [alice, bob] = [
            await address(home, 'alice'),
            await address(home, 'bob'),
          ];
          await send('swingset', 'provision-one', 'me', bob, 'SMART_WALLET');
          const egress = await node.agd('query', 'swingset', 'egress', bob);
          t.regex(egress, /nickname: me/);
          await send('swingset', 'wallet-action', '{}', '--allow-spend');
          await send('swingset', 'install-bundle', '{"moduleFormat":"none"}');
          const chunked = ['{"moduleFormat":"chunks"}', '--chunk-size', '20'];
          chunked.push('--compress=false');
          await send('swingset', 'install-bundle', ...chunked, '--announce');
          const status = async (): Promise<string> =>
            node.agd('query', 'swingset', 'chunked-artifact-status', '1');
          t.is((await status()).match(/CHUNK_STATE_IN_FLIGHT/g)?.length, 2);
          await send('swingset', 'send-chunk', '1', '1', ...chunked);
          t.regex(await status(), /CHUNK_STATE_RECEIVED/);
          await send('swingset', 'send-chunk', '1', '0', ...chunked);
          await t.throwsAsync(status, {
            message: /it may have expired or been finalized/,
          });
          await send('swingset', 'deliver', '[[[1,"hello"]],0]');
          await t.throwsAsync(send('swingset', 'install-bundle', 'null'), {
            message: /not a JSON object/,
          });
          const last = await send(
            ...['gov', 'submit-legacy-proposal', 'swingset-core-eval'],
            ...[permit, code, '--title', 'a', '--description', 'b'],
            ...['--deposit', '10000000ubld'],
          );
          await node.height(last + 1);
          t.regex(await node.vstorage(`beansOwing.${alice}`), /^[1-9]\d*$/);
        } finally {
          await node.kill();
        }
      });
    },
  );
}
