import type { Owner } from '@agd-bridge/chain-kit';
import test from 'ava';

import type { Status } from '../src/status.js';
import { Watch, lineOf } from '../src/watch.js';

/** A node whose answers a test chooses, and a watch on it. */
function watched() {
  const node = {
    name: 'node1',
    mode: 'split' as const,
    pid: 3,
    how: undefined as string | undefined,
    status: undefined as Status | 'no block' | undefined,
    owner: undefined as Owner | undefined,
    now: 1000,
  };
  const watch = new Watch(node, {
    status: () => Promise.resolve(node.status),
    owner: () => node.owner,
    now: () => node.now,
  });
  const shown = async (): Promise<string> => {
    await watch.ask();
    return lineOf(watch.view).replaceAll(/ +/g, ' ');
  };
  return { node, watch, shown };
}

const at = (height: number): Status => ({
  height,
  appHash: 'AB'.repeat(32),
  peers: 3,
  time: height * 1000,
});

const line = (
  height: number,
  end = 'peers 3 block 1.00 s',
  mode = 'split',
): string => `node1 ${mode} height ${String(height)} app hash ABABABAB ${end}`;

test('a new node is booting until its first block', async (t) => {
  const { node, shown } = watched();
  t.is(await shown(), 'node1 split booting, 0 s');
  node.status = 'no block';
  node.now += 12_000;
  t.is(await shown(), 'node1 split booting, 12 s');
  node.status = at(1);
  t.is(await shown(), 'node1 split height 1 app hash ABABABAB peers 3 block –');
  node.status = at(2);
  t.is(
    await shown(),
    'node1 split height 2 app hash ABABABAB peers 3 block –',
    'the first block has the time of the genesis',
  );
  node.status = at(3);
  t.is(await shown(), line(3));
  node.status = undefined;
  t.is(await shown(), line(3, 'no answer'));
});

test('a node that starts on an old chain is booting until its next block', async (t) => {
  const { node, shown } = watched();
  node.status = at(7);
  t.is(await shown(), 'node1 split booting, 0 s');
  t.is(await shown(), 'node1 split booting, 0 s');
  node.status = at(8);
  t.is(await shown(), line(8).replace('1.00 s', '–'), 'after a pause');
  node.status = at(9);
  t.is(await shown(), line(9));
});

test('a node that was started again by hand is booting, then runs in its new mode', async (t) => {
  const { node, watch, shown } = watched();
  node.status = 'no block';
  await watch.ask();
  for (const height of [2, 3]) {
    node.status = at(height);
    await watch.ask();
  }
  t.is(watch.view.pid, 3);
  node.how = 'SIGKILL';
  t.is(watch.view.state, 'ended (SIGKILL)', 'before the next question too');
  node.status = undefined;
  t.is(await shown(), line(3, 'ended (SIGKILL)'));

  node.now += 60_000;
  node.owner = { pid: 5, mode: 'in-process' };
  t.is(await shown(), 'node1 in-process booting, 0 s by hand');
  t.is(watch.view.pid, 5);
  node.status = at(3);
  t.is(await shown(), 'node1 in-process booting, 0 s by hand');
  node.status = at(4);
  t.is(await shown(), line(4, 'block 1.00 s by hand', 'in-process'));
  node.status = undefined;
  t.is(await shown(), line(4, 'no answer by hand', 'in-process'));

  node.owner = { pid: 6, mode: 'split' };
  t.is(await shown(), 'node1 split booting, 0 s by hand');
  node.owner = undefined;
  t.is(await shown(), line(4, 'ended (SIGKILL)'));
  t.is(watch.view.pid, undefined);
});

test('the answer of a process that ended meanwhile is not counted', async (t) => {
  const { node, watch } = watched();
  node.status = at(7);
  const asked = watch.ask();
  node.how = 'exit code 99';
  await asked;
  t.is(watch.view.state, 'ended (exit code 99)');
  t.is(watch.view.status, undefined);
});
