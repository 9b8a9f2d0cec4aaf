import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/ab';

import type { NetworkRecord } from './record.js';
import { setToml, type Setting } from './toml.js';

/** Changes settings of a TOML file in place. @throws Error with the file's name */
export async function editToml(
  file: string,
  settings: readonly Setting[],
): Promise<void> {
  const before = await readFile(file, 'utf8');
  let text = before;
  for (const setting of settings) {
    try {
      text = setToml(text, setting);
    } catch (error) {
      throw new Error(`${file}: ${(error as Error).message}`);
    }
  }
  if (text !== before) await writeFile(file, text);
}

/**
 * Gives each node free ports and the others' addresses, all in its own files,
 * so that `agd start --home NODE` alone finds its peers too, and `agd tx` its
 * node. Another process may still take a port before its user does.
 */
export async function assignPorts(
  dir: string,
  record: NetworkRecord,
): Promise<NetworkRecord> {
  const ports = await freePorts(3 * record.nodes.length);
  const nodes = record.nodes.map((node, index) => {
    const [rpc = 0, p2p = 0, grpc = 0] = ports.slice(3 * index);
    return { ...node, rpc, p2p, grpc };
  });
  for (const node of nodes) {
    const config = join(dir, node.name, 'config');
    const peers = nodes
      .filter(({ id }) => id !== node.id)
      .map(({ id, p2p }) => `${id}@${at(p2p)}`);
    await editToml(join(config, 'config.toml'), [
      ['rpc', 'laddr', `tcp://${at(node.rpc)}`],
      ['p2p', 'laddr', `tcp://${at(node.p2p)}`],
      ['p2p', 'persistent_peers', peers.join(',')],
    ]);
    await editToml(join(config, 'app.toml'), [
      ['grpc', 'address', at(node.grpc)],
    ]);
    await editToml(join(config, 'client.toml'), [
      ['', 'node', `tcp://${at(node.rpc)}`],
    ]);
  }
  return { ...record, nodes };
}

function at(port: number): string {
  return `127.0.0.1:${String(port)}`;
}
