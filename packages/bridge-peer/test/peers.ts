import { ClosedError } from '@agd-bridge/bridge';
import {
  Peer,
  type PeerOptions,
  type Transport,
} from '@agd-bridge/bridge-peer';
import { frameText, type Frame } from '@agd-bridge/jsonrpc1';

/** A transport whose other side is the test; `sent` has the peer's frames. */
export class Wire implements Transport {
  readonly sent: string[] = [];
  closes = 0;
  /** Plays the other side of callSync. */
  onCallSync: (frame: string, id: number) => string = () => {
    throw new ClosedError('gone');
  };

  send(frame: Frame): void {
    this.sent.push(frameText(frame));
  }

  callSync(frame: Frame, id: number): string {
    const text = frameText(frame);
    this.sent.push(text);
    return this.onCallSync(text, id);
  }

  close(): void {
    this.closes += 1;
  }
}

/** A peer alone on a wire. */
export function alone(options: PeerOptions = {}): { peer: Peer; wire: Wire } {
  const wire = new Wire();
  return { peer: new Peer(() => wire, options), wire };
}

/** Two peers, connected through the microtask queue. */
export function pair(left: PeerOptions, right: PeerOptions): [Peer, Peer] {
  const make = (other: () => Peer) => (): Transport => ({
    send: (frame) => {
      const text = frameText(frame);
      queueMicrotask(() => {
        other().receive(text);
      });
    },
    callSync: () => {
      throw new ClosedError('not here');
    },
    close: () => {
      queueMicrotask(() => {
        other().end({ kind: 'peer', message: 'bridge closed by the peer' });
      });
    },
  });
  const peers: [Peer, Peer] = [
    new Peer(
      make(() => peers[1]),
      left,
    ),
    new Peer(
      make(() => peers[0]),
      right,
    ),
  ];
  return peers;
}

/** Resolves after one turn of the event loop. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));
