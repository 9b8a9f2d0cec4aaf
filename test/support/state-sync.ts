import { logEntry, runAgd, type AgdNode } from './node.js';

/** Makes a snapshot at every tenth block, and keeps all. */
export const makesSnapshots = [
  ...['--state-sync.snapshot-interval', '10'],
  ...['--state-sync.snapshot-keep-recent', '0'],
];

/** Resolves once a node has made a snapshot, with its height. */
export async function snapshotMade(node: AgdNode): Promise<number> {
  return node.line((line) => {
    const entry = logEntry(line);
    return entry?.['message'] === 'completed state snapshot'
      ? Number(entry['height'])
      : undefined;
  });
}

/**
 * Configures a home to state-sync from a node, and to trust one of its blocks.
 */
export async function trust(home: string, from: AgdNode): Promise<void> {
  const { block_id } = await from.rpc<{ block_id: { hash: string } }>(
    'block?height=2',
  );
  await runAgd(home, [
    ...['config', 'set', 'config'],
    ...['statesync.rpc_servers', `${from.rpcUrl},${from.rpcUrl}`],
    ...['statesync.trust_height', '2'],
    ...['statesync.trust_hash', block_id.hash],
    ...['statesync.discovery_time', '5s'],
    ...['statesync.enable', 'true'],
  ]);
}
