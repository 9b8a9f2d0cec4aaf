// A validator whose key is not the node's: CometBFT's remote signer, which
// dials the node, signs for it (docs/operating.md).
import { mkdir, readdir, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/ab';
import test from 'ava';

import { bootedHome, chainId, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  nodePorts,
  said,
  startArgs,
  type Mode,
} from '../support/node.js';
import { remoteSigner } from '../support/paths.js';
import { Process } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

const [KEY, STATE] = ['priv_validator_key.json', 'priv_validator_state.json'];

/** Takes key and state of a validator out of its home. */
async function takeKey(home: string, to: string): Promise<void> {
  await mkdir(to);
  await rename(join(home, 'config', KEY), join(to, KEY));
  await rename(join(home, 'data', STATE), join(to, STATE));
}

/** Starts the signer, once a node listens for it. */
async function sign(node: AgdNode, at: string, keys: string): Promise<Process> {
  await node.line((line) =>
    said(line).startsWith('SignerListener: Listening') ? true : undefined,
  );
  return new Process(remoteSigner, [
    ...['-addr', at, '-chain-id', chainId],
    ...['-priv-key', join(keys, KEY), '-priv-state', join(keys, STATE)],
  ]);
}

test.serial(
  'a remote signer signs for a node in either mode, may be started again, and the node has no key',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const bob = await address(home, 'bob');
      const keys = join(dir, 'signer');
      await takeKey(home, keys);
      const [port] = (await freePorts(1)) as [number];
      const socket = `unix://${join(dir, 'signer.sock')}`;
      for (const [mode, at] of [
        ['split', `tcp://127.0.0.1:${String(port)}`],
        ['in-process', socket],
      ] as const satisfies readonly (readonly [Mode, string])[]) {
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          args: ['--priv_validator_laddr', at],
        });
        const signers: Process[] = [];
        try {
          signers.push(await sign(node, at, keys));
          const height = await node.tx('bank', 'send', 'alice', bob, '7uist');
          await signers[0]?.kill();
          signers.push(await sign(node, at, keys));
          t.true((await node.height(node.committed() + 3)) > height, mode);
          t.deepEqual(await node.stop(), { code: 98, signal: null }, mode);
        } finally {
          await Promise.all([node, ...signers].map((each) => each.kill()));
        }
      }
      t.false((await readdir(join(home, 'config'))).includes(KEY));
      t.false((await readdir(join(home, 'data'))).includes(STATE));

      // The socket of the last run is in no one's way.
      await expectRefusal(
        t,
        startArgs({
          home,
          mode: 'split',
          ports: await nodePorts(),
          args: ['--priv_validator_laddr', socket],
        }),
        /private validator socket client: .*endpoint connection timed out/,
      );
    });
  },
);

test.serial('a port in use for a remote signer is named', async (t) => {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const [taken] = (await freePorts(1)) as [number];
    const server = createServer();
    await new Promise<void>((resolve) =>
      server.listen(taken, '127.0.0.1', resolve),
    );
    await expectRefusal(
      t,
      startArgs({
        home,
        mode: 'split',
        ports: await nodePorts(),
        args: ['--priv_validator_laddr', `tcp://127.0.0.1:${String(taken)}`],
      }),
      /priv_validator_laddr: .*address already in use \(choose another with --priv_validator_laddr\)/,
    );
    await new Promise((resolve) => server.close(resolve));
  });
});
