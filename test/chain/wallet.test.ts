import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, address, modes, nodePorts } from '../support/node.js';

for (const mode of modes) {
  test.serial(
    `${mode}: a vat publishes the actions that transactions have queued`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          const path = `published.wallet.${await address(home, 'bob')}`;
          const act = async (text: string): Promise<void> => {
            const command = ['swingset', 'wallet-action', text];
            await node.height(await node.tx(...command, '--from', 'bob'));
          };
          await act('{"offer":1}');
          t.is(
            await node.vstorage(path),
            '{"actions":1,"last":"{\\"offer\\":1}"}',
          );
          await act('"second"');
          t.is(
            await node.vstorage(path),
            '{"actions":2,"last":"\\"second\\""}',
          );
          await t.throwsAsync(act(''), { message: /the action is empty/ });
          await t.throwsAsync(act('second'), {
            message: /the action is not JSON/,
          });
        } finally {
          await node.kill();
        }
      });
    },
  );
}
