import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { acceptHandshake } from '@agd-bridge/bridge';
import { openInproc } from '@agd-bridge/bridge-inproc';

/** The Go side of `go/bridge/bridgetest`, as a library: made by `make build-test`. */
const library = fileURLToPath(
  new URL('../../../build/test/libbridgepeer.so', import.meta.url),
);

/** The outcome of a call that the Go side made. */
export interface Outcome {
  readonly result?: unknown;
  readonly error?: string;
  readonly kind?: string;
}

/**
 * A real bridge to a real peer, after the handshake; `sent` holds the frames
 * sent to the peer.
 */
export async function openPair() {
  if (!existsSync(library)) {
    throw new Error(`${library} is absent: run make build-test`);
  }
  const sent: string[] = [];
  const bridge = openInproc({
    library,
    config: { conformance: true },
    trace: (direction, frame) => {
      if (direction === 'out') sent.push(frame);
    },
  });
  await acceptHandshake(bridge, 'test');
  await bridge.call('test.Null', []); // our response has reached the peer
  sent.length = 0;
  return {
    bridge,
    sent,
    /** The peer calls one of our methods; resolves with the outcome. */
    upcall: async (
      method: string,
      ...params: readonly string[]
    ): Promise<Outcome> => {
      const message = JSON.stringify({ method, params });
      return JSON.parse(await bridge.call('test.Upcall', [message])) as Outcome;
    },
    close: async () => {
      bridge.close();
      await bridge.ended;
    },
  };
}
