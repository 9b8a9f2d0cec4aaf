import {
  RemoteError,
  messageOf,
  type Caller,
  type Json,
  type Params,
} from '@agd-bridge/bridge';

/**
 * The dialect of upstream's Go half, which speaks JSON-RPC v1 through Go's
 * `net/rpc/jsonrpc`: one method for each direction, whose param wraps a port
 * and the kernel's JSON text as a string. There is no handshake. The chain
 * chooses the port numbers itself, in its INIT action, and ends the VM by
 * end-of-file.
 */

/** agd → agvm. The first of these selects the dialect. */
export const RECEIVE = 'agvm.ReceiveMessage';

/** agvm → agd. */
const SEND = 'agd.ReceiveMessage';

export interface UpstreamMessage {
  readonly port: number;
  readonly text: Json;
  readonly needsReply: boolean;
}

/** @throws {Error} the params do not have upstream's form */
export function messageFrom(params: Params): UpstreamMessage {
  const value: unknown = JSON.parse(params[0] ?? 'null');
  const { Port, Data, NeedsReply } = (value ?? {}) as Record<string, unknown>;
  if (typeof Port !== 'number' || typeof Data !== 'string') {
    throw new Error(
      `${RECEIVE}: expected {"Port":number,"Data":string,"NeedsReply":boolean}`,
    );
  }
  return { port: Port, text: Data, needsReply: NeedsReply !== false };
}

/**
 * Makes a downcall in upstream's form. A refusal by the chain is returned as
 * `{"error":message}`, as upstream's own addon does.
 */
export function sendUpstream(
  bridge: Pick<Caller, 'callSync'>,
  port: number,
  text: Json,
): Json {
  try {
    const message = JSON.stringify({
      Port: port,
      Data: text,
      NeedsReply: true,
    });
    const result: unknown = JSON.parse(bridge.callSync(SEND, [message]));
    return typeof result === 'string' ? result : JSON.stringify(result);
  } catch (error) {
    if (error instanceof RemoteError) {
      return JSON.stringify({ error: messageOf(error) });
    }
    throw error;
  }
}
