/**
 * Carries frames: one JSON-RPC v1 message as text, without its newline. A
 * backend makes one for its {@link Peer}, which closes it.
 */
export interface Transport {
  /**
   * Sends one frame, in order, without waiting for the peer. Throws nothing
   * but a LocalError, if there is no room: then nothing was sent.
   */
  send(frame: string): void;

  /**
   * Sends a request and blocks until its response is there; returns the
   * response's frame. Other frames that arrive meanwhile go to
   * {@link Peer.receive}, now or later, in order. Throws a LocalError as
   * {@link send} does, and a ClosedError when the carrier ends.
   */
  callSync(frame: string, id: number): string;

  /** Releases everything. Called once. */
  close(): void;
}
