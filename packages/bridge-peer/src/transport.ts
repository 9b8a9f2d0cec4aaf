import type { Frame } from '@agd-bridge/jsonrpc1';

/**
 * Carries frames: one JSON-RPC v1 message each. A backend makes one for its
 * {@link Peer}, which owns and closes it. The bytes of a long frame are valid
 * only until send or callSync returns.
 */
export interface Transport {
  /**
   * Sends one frame, in order, without waiting for the peer. Throws only a
   * LocalError, when there is no room: then nothing was sent.
   */
  send(frame: Frame): void;

  /**
   * Sends a request and blocks until its response arrives; returns the
   * response's frame. Other frames that arrive during the wait go to {@link
   * Peer.receive}, at once or later, in order. Throws a LocalError as {@link
   * send} does, and a ClosedError when the connection ends.
   */
  callSync(frame: Frame, id: number): string;

  /** Releases everything. Called once. */
  close(): void;
}
