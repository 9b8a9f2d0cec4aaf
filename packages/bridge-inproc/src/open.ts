import { resolve } from 'node:path';

import {
  ClosedError,
  LocalError,
  defaultLimits,
  messageOf,
  type Bridge,
  type CloseReason,
} from '@agd-bridge/bridge';
import {
  Peer,
  peerClosed,
  streamsOf,
  type PeerOptions,
  type Transport,
} from '@agd-bridge/bridge-peer';

import { loadAddon, type Handle } from './addon.js';

export interface InprocOptions extends PeerOptions {
  /** Path of the Go library, built with -buildmode=c-shared. A process can hold one, for any number of bridges. */
  readonly library: string;
  /** Goes to the Go program as JSON. */
  readonly config: unknown;
}

/** How the Go program of a bridge ended. */
export interface ProgramEnd {
  /** What the process should exit with, if the bridge was its purpose. */
  readonly exitCode: number;
  /** Why; empty for a clean end. */
  readonly message: string;
}

/** A Bridge to a Go library in this process. The event loop stays alive until its program has ended. */
export interface InprocBridge extends Bridge {
  /**
   * Settles once the Go program has returned, later than {@link closed}; never
   * rejects. Closing the bridge asks the program to end; nothing can force it
   * to, except the end of this process.
   */
  readonly ended: Promise<ProgramEnd>;
}

/**
 * Loads a Go library, unless it is loaded already, and opens a bridge to it.
 * The Go side speaks first.
 *
 * @throws {LocalError} the library cannot be loaded or is of another version,
 * or its program refuses the config. The message is one line, names the file
 * and says what to do.
 */
export function openInproc(options: InprocOptions): InprocBridge {
  let onEnd!: (end: ProgramEnd) => void;
  const ended = new Promise<ProgramEnd>((resolve) => (onEnd = resolve));
  const peer = new Peer(
    (peer) => new InprocTransport(openHandle(peer, options, onEnd)),
    options,
  );
  return Object.assign(peer, { ended });
}

function openHandle(
  peer: Peer,
  { library, config, limits, ...options }: InprocOptions,
  onEnd: (end: ProgramEnd) => void,
): Handle {
  const { maxQueuedBytes } = { ...defaultLimits, ...limits };
  const tooMuch = (bytes: number): CloseReason => ({
    kind: 'protocol',
    message:
      `${streamsOf(options).in}: queued messages of ${String(bytes)} bytes are over the limit ` +
      `(maxQueuedBytes ${String(maxQueuedBytes)})`,
  });
  try {
    return loadAddon().open(
      resolve(library),
      JSON.stringify(config ?? null),
      {
        onFrame(frame) {
          peer.receive(frame);
        },
        onClosed(refusedBytes) {
          peer.end(refusedBytes > 0 ? tooMuch(refusedBytes) : peerClosed);
        },
        onExit(exitCode, message) {
          onEnd({ exitCode, message });
        },
      },
      maxQueuedBytes,
    );
  } catch (error) {
    throw new LocalError(messageOf(error));
  }
}

/** The engine's way to Go. */
class InprocTransport implements Transport {
  readonly #handle: Handle;

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /** To a closed Go side: lost, as in a pipe. The engine ends in its turn, after the frames that came before. */
  send(frame: string): void {
    this.#handle.send(frame);
  }

  callSync(frame: string): string {
    const response = this.#handle.callSync(frame);
    if (response !== undefined) return response;
    this.#handle.deliver(); // what came before the end, and the end
    throw new ClosedError(peerClosed.message);
  }

  close(): void {
    this.#handle.close();
  }
}
