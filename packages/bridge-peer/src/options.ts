import type { CloseReason, Handler, Limits } from '@agd-bridge/bridge';

export interface PeerOptions {
  /** Bounds; those left out have their defaults. */
  readonly limits?: Partial<Limits>;
  /** Handlers that are known before the first message arrives. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  /** Names the inbound frames in errors; default `from agd`. */
  readonly stream?: string;
  /** The blocking block actions: while one is pending, calling another is a LocalError. */
  readonly exclusive?: readonly string[];
  /** Sees every frame, in order for each direction, before it is handled or handed to the carrier. */
  readonly trace?: (direction: 'in' | 'out', frame: string) => void;
}

/** Why a peer that is gone closed its bridge. */
export const peerClosed: CloseReason = {
  kind: 'peer',
  message: 'bridge closed by the peer',
};
