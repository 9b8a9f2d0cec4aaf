import { createRequire } from 'node:module';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import { bootedFollower, bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, type Mode } from '../support/node.js';
import { processes } from '../support/process.js';
import { SmallDisk, cannotMount } from '../support/small-disk.js';

interface Store {
  readonly title: string;
  /** Its directory below `data`. */
  readonly dir: string;
  /** Text of agd's last line, apart from the reason. */
  readonly names: RegExp;
  readonly prepare?: (dir: string) => void;
  readonly leave?: readonly string[];
}

const stores: readonly Store[] = [
  { title: "the chain's store", dir: 'application.db', names: /Commit: / },
  {
    title: "the kernel's store",
    dir: 'agoric',
    names: /(Commit|FinalizeBlock|the VM ended|unhandled rejection): /,
    // SQLite would reuse the space of its old log for minutes.
    prepare: endWriteAheadLog,
    // A file with allocated space needs no room. A new file is sparse.
    leave: ['flight-recorder.bin'],
  },
  { title: "CometBFT's blocks", dir: 'blockstore.db', names: /blockstore\.db/ },
  { title: "CometBFT's log of votes", dir: 'cs.wal', names: /cs\.wal/ },
  { title: "CometBFT's index", dir: 'tx_index.db', names: /failed to index/ },
];

/** The errors of a full disk: the operating system's and SQLite's. */
const reason = /no space left on device|database or disk is full/i;

function endWriteAheadLog(dir: string): void {
  const require = createRequire(import.meta.url);
  const Database = require('better-sqlite3') as new (path: string) => {
    pragma(text: string): unknown;
    close(): void;
  };
  const database = new Database(join(dir, 'swingstore.sqlite'));
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

async function endsForLackOfSpace(
  t: ExecutionContext,
  node: AgdNode,
  names: RegExp,
): Promise<void> {
  t.deepEqual(await node.exited, { code: 99, signal: null });
  // In-process, the VM may fail first, in the kernel's own log writer.
  const last = node.stderr.filter((line) => /^(agd|agvm): /.test(line)).at(-1);
  t.regex(last ?? '', reason);
  t.regex(last ?? '', names);
  t.deepEqual(
    processes().filter((row) => row.session === node.pid),
    [],
    'no process is left',
  );
}

/** A node that was never stopped reaches the same state. */
async function followerAgrees(
  t: ExecutionContext,
  dir: string,
  leader: AgdNode,
): Promise<void> {
  const follower = new AgdNode({
    home: await bootedFollower(dir, leader),
    mode: 'split',
    ports: await nodePorts(),
  });
  try {
    const height = leader.committed();
    await follower.height(height);
    await leader.height(height + 1);
    await follower.height(height + 1);
    t.is(await follower.appHash(height), await leader.appHash(height));
  } finally {
    await follower.kill();
  }
}

async function fillAndRecover(
  t: ExecutionContext,
  mode: Mode,
  store: Store,
): Promise<void> {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const place = join(home, 'data', store.dir);
    store.prepare?.(place);
    const disk = await SmallDisk.under(place, store.leave);
    const options = { home, mode, ports: await nodePorts() };
    const node = new AgdNode(options);
    const again = { node };
    try {
      await node.pids();
      await node.height(node.committed() + 2);
      await disk.fill();
      await endsForLackOfSpace(t, node, store.names);
      const reached = node.committed();

      again.node = new AgdNode(options);
      const { code } = await again.node.exited;
      t.true(code === 1 || code === 99, `still full: ${String(code)}`);
      t.regex(again.node.stderr.join('\n'), reason);
      await disk.relieve();
      again.node = new AgdNode(options);
      await again.node.height(reached + 3);
      await followerAgrees(t, dir, again.node);
      t.deepEqual(await again.node.stop(), { code: 98, signal: null });
    } finally {
      await node.kill();
      await again.node.kill();
      disk.remove();
    }
  });
}

const whereMountable =
  cannotMount === undefined ? test.serial : test.serial.skip;
if (cannotMount !== undefined) {
  console.error(`full disks cannot be tried here: ${cannotMount}`);
}

for (const mode of modes) {
  for (const store of stores) {
    whereMountable(
      `${mode}: a full disk under ${store.title} stops the node, says why, and loses nothing`,
      async (t) => fillAndRecover(t, mode, store),
    );
  }
}
