/** A node's report on itself. */
export interface Status {
  readonly height: number;
  /** The app hash after that block, in hexadecimal. */
  readonly appHash: string;
  readonly peers: number;
  /** Time in the block's header, in ms since 1970. */
  readonly time: number;
}

/**
 * Timeout of a status request, in ms: a stopped or busy node does not respond.
 */
const PATIENCE = 2_000;

/**
 * Requests the status of the node whose RPC is at this loopback port.
 *
 * @returns undefined if it does not respond
 */
export async function statusOf(
  port: number,
): Promise<Status | 'no block' | undefined> {
  const signal = AbortSignal.timeout(PATIENCE);
  const ask = async <T>(path: string): Promise<T> => {
    const url = `http://127.0.0.1:${String(port)}/${path}`;
    const response = await fetch(url, { signal });
    return ((await response.json()) as { result: T }).result;
  };
  try {
    const [info, net] = await Promise.all([
      ask<{
        response: { last_block_height?: string; last_block_app_hash?: string };
      }>('abci_info'),
      ask<{ n_peers: string }>('net_info'),
    ]);
    const { last_block_height: height, last_block_app_hash: hash } =
      info.response;
    if (height === undefined || hash === undefined) return 'no block';
    const { block } = await ask<{ block: { header: { time: string } } }>(
      `block?height=${height}`,
    );
    return {
      height: Number(height),
      appHash: Buffer.from(hash, 'base64').toString('hex').toUpperCase(),
      peers: Number(net.n_peers),
      time: Date.parse(block.header.time),
    };
  } catch {
    return undefined;
  }
}
