import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/chain-kit';
import test from 'ava';

import { bootedHome, chainId, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, startArgs } from '../support/node.js';
import { root } from '../support/paths.js';
import { Process } from '../support/process.js';
import { withListener } from '../support/listener.js';
import { expectRefusal } from '../support/refusal.js';

/** How often a node has logged that its signer did not connect: every 3 s. */
function misses(node: AgdNode): number {
  const said = 'SignerListener: Error accepting connection';
  return node.stdout.filter((line) => line.includes(said)).length;
}

async function missed(node: AgdNode, times: number): Promise<void> {
  await node.line(() => (misses(node) >= times ? true : undefined));
}

for (const mode of modes) {
  test.serial(
    `${mode}: a remote signer signs; the chain halts without it and continues when it is back`,
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
        const signer = (at = address): Process =>
          new Process(join(root, 'build', 'test', 'testsigner'), [
            ...['--address', at, '--chain-id', chainId],
            ...['--key', key, '--state', state],
          ]);
        const ports = await nodePorts();
        const args = ['--priv_validator_laddr', address];
        let signing = signer();
        const node = new AgdNode({ home, mode, ports, args });
        try {
          await node.pids();
          await node.height(node.committed() + 3);
          await signing.kill();
          const begun = misses(node);
          await missed(node, begun + 1);
          const last = node.committed();
          await missed(node, begun + 3);
          t.is(node.committed(), last, 'no block without the signer');
          signing = signer();
          await node.height(last + 3);
          await t.throwsAsync(stat(own), undefined, 'no key was made');
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        } finally {
          await Promise.all([node.kill(), signing.kill()]);
        }

        // CometBFT leaves a socket, at which the next run must listen.
        const socket = join(dir, 'signer.sock');
        for (const run of ['first', 'second']) {
          const at = `unix://${socket}`;
          const byFile = ['--priv_validator_laddr', at];
          signing = signer(at);
          const again = new AgdNode({ home, mode, ports, args: byFile });
          try {
            await again.pids();
            await again.height(again.committed() + 2);
            t.deepEqual(await again.stop(), { code: 98, signal: null }, run);
          } finally {
            await Promise.all([again.kill(), signing.kill()]);
          }
          t.true((await stat(socket)).isSocket());
        }

        const bad = ['--priv_validator_laddr', 'localhost:1'];
        await expectRefusal(
          t,
          startArgs({ home, mode, ports, args: bad }),
          /priv_validator_laddr: expected tcp:\/\/HOST:PORT or unix:\/\/PATH, got "localhost:1"/,
        );
        const taken = `tcp://127.0.0.1:${String(ports.rpc)}`;
        await withListener(ports.rpc, async () =>
          expectRefusal(
            t,
            startArgs({
              home,
              mode,
              ports: await nodePorts(),
              args: ['--priv_validator_laddr', taken],
            }),
            /priv_validator_laddr: .*address already in use \(\S+ \(process \d+\) listens there: stop it, or choose another with AGD_PRIV_VALIDATOR_LADDR, or --priv_validator_laddr of agd start\)/,
          ),
        );
      });
    },
  );
}
