import type { CloseReason, Handler, Limits } from '@agd-bridge/bridge';

export interface PeerOptions {
  /** Bounds; those left out have their defaults. */
  readonly limits?: Partial<Limits>;
  /** Handlers that are known before the first message arrives. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  /** What errors call the peer: `from agd: byte 7: …`; default `agd`. */
  readonly peerName?: string;
  /** The blocking block actions: while one is pending, calling another is a LocalError. */
  readonly exclusive?: readonly string[];
  /** Methods of which the peer must ask for the answer: a notification of one is a protocol error. */
  readonly requests?: readonly string[];
  /** Methods of which one must be the peer's first call, else that is a protocol error, which names the first of them; default: any. */
  readonly opening?: readonly string[];
  /** Sees every frame, in order for each direction, before it is handled or handed to the carrier. */
  readonly trace?: (direction: 'in' | 'out', frame: string) => void;
}

/** Why a peer that is gone closed its bridge. */
export const peerClosed: CloseReason = {
  kind: 'peer',
  message: 'bridge closed by the peer',
};

/** What errors call the two streams of frames. */
export interface Streams {
  readonly in: string;
  readonly out: string;
}

export function streamsOf({ peerName = 'agd' }: PeerOptions): Streams {
  return { in: `from ${peerName}`, out: `to ${peerName}` };
}

/** What is wrong with a frame of so many bytes that would make a queue too long; undefined if nothing is. */
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
