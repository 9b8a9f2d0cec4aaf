import type { CloseReason, Handler, Limits } from '@agd-bridge/bridge';

export interface PeerOptions {
  /** Limits; omitted ones have their defaults. */
  readonly limits?: Partial<Limits>;
  /** Handlers that are registered before the first message is delivered. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  /** The peer's name in errors: `from go: byte 7: …`; default `peer`. */
  readonly peerName?: string;
  /**
   * The peer's methods that exclude each other: while a call of one is pending,
   * calling another is a LocalError.
   */
  readonly exclusive?: readonly string[];
  /**
   * Methods that the peer must send as requests: a notification of one is a
   * protocol error.
   */
  readonly requests?: readonly string[];
  /**
   * The methods allowed as the peer's first call. Another one is a protocol
   * error, which names the first of this list. Default: any method.
   */
  readonly opening?: readonly string[];
  /**
   * Receives every frame, in order for each direction, before it is handled or
   * passed to the transport.
   */
  readonly trace?: (direction: 'in' | 'out', frame: string) => void;
}

/** The close reason when the peer is gone. */
export const peerClosed: CloseReason = {
  kind: 'peer',
  message: 'bridge closed by the peer',
};

/** Names of the two streams of frames, for errors. */
export interface Streams {
  readonly in: string;
  readonly out: string;
}

export function streamsOf({ peerName = 'peer' }: PeerOptions): Streams {
  return { in: `from ${peerName}`, out: `to ${peerName}` };
}

/**
 * Returns the fault if a frame of this many bytes would exceed the queue's
 * limit; else undefined.
 */
export function queueFault(
  stream: string,
  queuedBytes: number,
  frameBytes: number,
  maxQueuedBytes: number,
): string | undefined {
  const room = maxQueuedBytes - queuedBytes;
  if (frameBytes <= room) return undefined;
  return `${stream}: byte ${String(room)}: expected at most ${String(maxQueuedBytes)} queued bytes (maxQueuedBytes)`;
}
