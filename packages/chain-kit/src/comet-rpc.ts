/**
 * Calls a method of CometBFT's JSON-RPC.
 *
 * @param url the node's RPC server, `http://HOST:PORT`
 * @param limit timeout in ms
 * @throws Error with the node's reason, or on timeout
 */
export async function cometCall<T>(
  url: string,
  method: string,
  params: object,
  limit: number,
): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    headers: {
      'content-type': 'application/json',
      // CometBFT closes a connection that is idle for 10 s. It does that while a
      // node is suspended, too, so the next call would fail on it.
      connection: 'close',
    },
    signal: AbortSignal.timeout(limit),
  });
  const { result, error } = (await response.json()) as {
    result?: T;
    error?: { message?: string; data?: string };
  };
  if (result === undefined) {
    throw new Error(`${method}: ${error?.data ?? error?.message ?? ''}`);
  }
  return result;
}
