import { join } from 'node:path';

import { agdIn, freePorts } from '@agd-bridge/chain-kit';

import { inLanes } from './lanes.js';
import type { NetworkRecord, NodeRecord } from './record.js';

/**
 * Assigns free ports to each node that does not run yet, and writes the others'
 * addresses, in the nodes' own files. So `agd start --home NODE` alone finds its
 * peers, and `agd
 * tx` its node. Another process may still take a port before the node binds it.
 *
 * @throws Error with agd's own message
 */
export async function assignPorts(
  agd: string,
  dir: string,
  record: NetworkRecord,
  runs: (node: NodeRecord) => boolean,
  signal: AbortSignal,
): Promise<NetworkRecord> {
  const running = new Set(record.nodes.filter(runs).map(({ id }) => id));
  const ports = await freePorts(3 * record.nodes.length);
  const nodes = record.nodes.map((node, index) => {
    if (running.has(node.id)) return node;
    const [rpc = 0, p2p = 0, grpc = 0] = ports.slice(3 * index);
    return { ...node, rpc, p2p, grpc };
  });
  const others = nodes.filter(({ id }) => !running.has(id));
  await inLanes(others, async (node) => {
    const run = agdIn(agd, join(dir, node.name), signal);
    const peers = nodes
      .filter(({ id }) => id !== node.id)
      .map(({ id, p2p }) => `${id}@${at(p2p)}`);
    await run(
      ...['config', 'set', 'config'],
      ...['rpc.laddr', `tcp://${at(node.rpc)}`],
      ...['p2p.laddr', `tcp://${at(node.p2p)}`],
      ...['p2p.persistent_peers', peers.join(',')],
    );
    await run('config', 'set', 'app', 'grpc.address', at(node.grpc));
    await run('config', 'set', 'client', 'node', `tcp://${at(node.rpc)}`);
  });
  return { ...record, nodes };
}

function at(port: number): string {
  return `127.0.0.1:${String(port)}`;
}
