import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/ab';
import test from 'ava';

import { bootedHome, chainId, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, startArgs } from '../support/node.js';
import { root } from '../support/paths.js';
import { Process } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

for (const mode of modes) {
  test.serial(
    `${mode}: a remote signer signs; without it no block is made, and with it again the chain goes on`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const keys = join(dir, 'signer');
        await mkdir(keys);
        const key = join(keys, 'priv_validator_key.json');
        const state = join(keys, 'priv_validator_state.json');
        const own = join(home, 'config', 'priv_validator_key.json');
        await rename(own, key);
        await rename(join(home, 'data', 'priv_validator_state.json'), state);
        const [port = 0] = await freePorts(1);
        const address = `tcp://127.0.0.1:${String(port)}`;
        const signer = (): Process =>
          new Process(join(root, 'build', 'test', 'testsigner'), [
            ...['--address', address, '--chain-id', chainId],
            ...['--key', key, '--state', state],
          ]);
        const ports = await nodePorts();
        const args = ['--priv_validator_laddr', address];
        let signing = signer();
        const node = new AgdNode({ home, mode, ports, args });
        try {
          await node.height(node.committed() + 3);
          await signing.kill();
          // It says so every three seconds.
          await node.line((line) =>
            line.includes('SignerListener: Error accepting connection')
              ? true
              : undefined,
          );
          const last = node.committed();
          signing = signer();
          await node.height(last + 3);
          await t.throwsAsync(stat(own), undefined, 'no key was made');
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        } finally {
          await Promise.all([node.kill(), signing.kill()]);
        }
        const bad = ['--priv_validator_laddr', 'localhost:1'];
        await expectRefusal(
          t,
          startArgs({ home, mode, ports, args: bad }),
          /priv_validator_laddr: expected tcp:\/\/HOST:PORT or unix:\/\/PATH, got "localhost:1"/,
        );
      });
    },
  );
}
