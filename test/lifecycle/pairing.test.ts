/**
 * The chain's and the kernel's store in every combination that backups, mixed
 * homes and damage can produce. A node starts only on two stores that belong
 * together.
 */
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, startArgs } from '../support/node.js';
import { expectRefusal } from '../support/refusal.js';

const file = 'swingstore.sqlite';

/**
 * Runs a node to a named point, where it is killed, or for some blocks if there
 * is no point.
 */
async function run(home: string, pauseAt: string): Promise<void> {
  const env = { AGD_TEST_PAUSE_AT: pauseAt };
  const ports = await nodePorts();
  const node = new AgdNode({ home, mode: 'split', ports, env });
  try {
    await node.line((line) =>
      line.includes('"paused for a test"') ? true : undefined,
    );
  } finally {
    await node.kill();
  }
}

/** Copies the kernel's store from a directory with its files. */
async function copyStore(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const dir of [to, from]) {
    for (const name of await readdir(dir)) {
      if (!name.startsWith(file)) continue;
      if (dir === to) await rm(join(dir, name));
      else await cp(join(dir, name), join(to, name));
    }
  }
}

test.serial("a node starts only on its own kernel's store", async (t) => {
  t.timeout(8 * 60_000);
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const kernel = join(home, 'data', 'agoric');
    const store = (name: string): string => join(dir, name);
    const ports = await nodePorts();
    const start = (): string[][] =>
      modes.map((mode) => startArgs({ home, mode, ports }));
    const refused = async (expected: RegExp): Promise<void> => {
      for (const args of start()) await expectRefusal(t, args, expected);
    };

    // Another home, whose blocks were made at other times.
    const other = join(dir, 'other');
    await cp(home, other, { recursive: true });
    await run(other, 'after-after-commit@6');
    await copyStore(join(other, 'data', 'agoric'), store('other at 6'));
    await run(other, 'after-commit-block@7');
    await copyStore(join(other, 'data', 'agoric'), store('other at 7'));

    await copyStore(kernel, store('old'));
    await run(home, 'after-after-commit@6');
    await copyStore(kernel, store('at 6'));

    const whole = join(home, 'data', 'agoric.whole');
    await rename(kernel, whole);
    await refused(
      /no kernel's store at ".*swingstore\.sqlite", though the chain's store is at height 6: restore the whole home directory/,
    );
    await mkdir(kernel, { recursive: true });
    await writeFile(join(kernel, file), '');
    const empty =
      /the kernel's store ".*swingstore\.sqlite" is at height 0, the chain's store at height 6: they must be equal/;
    await refused(empty);
    await expectRefusal(
      t,
      ['export', '--home', home, '--split', '--export-dir', join(dir, 'e')],
      empty,
    );
    await writeFile(join(kernel, file), 'x'.repeat(10_000));
    await refused(/swingstore\.sqlite: not an SQLite database: /);
    await copyStore(store('old'), kernel);
    await refused(/is at height [1-5], the chain's store at height 6/);
    await copyStore(store('other at 6'), kernel);
    await refused(
      /\(height 6\) is not of this chain \(height 6\): "kv\..*" differs/,
    );
    await copyStore(store('other at 7'), kernel);
    await refused(
      /is at height 7, the chain's store at height 6, and CometBFT has no block 7/,
    );

    // The kernel is one block ahead, after a death between the two commits.
    await rm(kernel, { recursive: true });
    await rename(whole, kernel);
    await run(home, 'after-commit-block@7');
    await copyStore(kernel, store('at 7'));
    await copyStore(store('other at 7'), kernel);
    await refused(
      /\(height 7\) is not of this chain \(height 6\): its block 7 was made at /,
    );
    await copyStore(store('at 6'), kernel);

    // Nothing was changed: the chain continues, from either height.
    for (const [mode, name] of [
      ['split', 'at 7'],
      ['in-process', ''],
    ] as const) {
      if (name !== '') await copyStore(store(name), kernel);
      const node = new AgdNode({ home, mode, ports });
      try {
        t.true((await node.height(1)) >= 7);
        t.deepEqual(await node.stop(), { code: 98, signal: null });
      } finally {
        await node.kill();
      }
    }

    await rename(
      join(home, 'data', 'application.db'),
      join(dir, 'application.db'),
    );
    await refused(
      /is at height \d+, but the chain's store has no block \(its height is 0\)/,
    );
  });
});
