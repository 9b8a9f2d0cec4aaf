import test from 'ava';

import { assignPorts } from '../src/addresses.js';
import { byHand, leftRunning } from '../src/hints.js';

const node = (name: string) => ({ name, id: name, rpc: 1, p2p: 2, grpc: 3 });

test('a node that runs already keeps its ports', async (t) => {
  const { nodes } = await assignPorts(
    ...(['true', '/net'] as const),
    {
      ...({ version: 1, chainId: 'c', bootstrapVatConfig: null } as const),
      nodes: [node('node1'), node('node2')],
    },
    ({ name }) => name === 'node2',
    new AbortController().signal,
  );
  t.deepEqual(nodes[1], node('node2'));
  t.true((nodes[0]?.rpc ?? 0) > 1000);
});

test('a node that was started by hand is named with its process', (t) => {
  const view = { name: 'node2', pid: 7 };
  t.regex(byHand(view), /^node2 runs as process 7, started by hand: kill 7/);
  t.regex(leftRunning(view), /^node2 was started by hand .* kill 7 stops it$/);
});
