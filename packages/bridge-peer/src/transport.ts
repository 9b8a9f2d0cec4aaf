/**
 * Carries frames: one JSON-RPC v1 message as text, without its newline. A
 * backend makes one for its {@link Peer}, which owns and closes it.
 */
export interface Transport {
  /**
   * Sends one frame, in order, without waiting for the peer. Throws only a
   * LocalError, when there is no room: then nothing was sent.
   */
  send(frame: string): void;

  /**
   * Sends a request and blocks until its response arrives; returns the
   * response's frame. Other frames that arrive during the wait go to {@link
   * Peer.receive}, at once or later, in order. Throws a LocalError as {@link
   * send} does, and a ClosedError when the connection ends.
   */
  callSync(frame: string, id: number): string;

  /** Releases everything. Called once. */
  close(): void;
}
