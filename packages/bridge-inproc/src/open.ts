import { resolve } from 'node:path';

import {
  ClosedError,
  LocalError,
  defaultLimits,
  messageOf,
  type Bridge,
  type CloseReason,
  type Limits,
} from '@agd-bridge/bridge';
import {
  Peer,
  peerClosed,
  queueFault,
  streamsOf,
  type PeerOptions,
  type Transport,
} from '@agd-bridge/bridge-peer';

import {
  frameBytes,
  notUtf8,
  overLimit,
  type Frame,
} from '@agd-bridge/jsonrpc1';

import { loadAddon, type Fault, type Handle } from './addon.js';

export interface InprocOptions extends PeerOptions {
  /**
   * Path of the Go library, built with -buildmode=c-shared. A process can load
   * one, for any number of bridges.
   */
  readonly library: string;
  /** Passed to the Go program as JSON. */
  readonly config: unknown;
}

/** The outcome of a bridge's Go program. */
export interface ProgramEnd {
  /** The exit code for a process whose purpose is this bridge. */
  readonly exitCode: number;
  /** The reason; empty for a clean end. */
  readonly message: string;
}

/**
 * A Bridge to a Go library in this process. The event loop stays alive until
 * the library's program has exited. A thread inside callSync cannot be
 * terminated before its response: `worker.terminate()` and another thread's
 * `process.exit()` wait for it.
 */
export interface InprocBridge extends Bridge {
  /**
   * Settles once the Go program has returned, later than {@link closed}; never
   * rejects. Closing the bridge asks the program to end; only the end of this
   * process can force it.
   */
  readonly ended: Promise<ProgramEnd>;
}

/**
 * Loads a Go library, unless it is loaded already, and opens a bridge to it.
 * The Go side sends the first message.
 *
 * @throws {LocalError} the library cannot be loaded or has another version, or
 * its program refuses the config. The message is one line, names the file and
 * says what to do.
 */
export function openInproc(options: InprocOptions): InprocBridge {
  let onEnd!: (end: ProgramEnd) => void;
  const ended = new Promise<ProgramEnd>((resolve) => (onEnd = resolve));
  const peer = new Peer(
    (peer) => new InprocTransport(openHandle(peer, options, onEnd), options),
    options,
  );
  return Object.assign(peer, { ended });
}

function openHandle(
  peer: Peer,
  { library, config, ...options }: InprocOptions,
  onEnd: (end: ProgramEnd) => void,
): Handle {
  const limits = { ...defaultLimits, ...options.limits };
  const stream = streamsOf(options).in;
  try {
    return loadAddon().open(
      resolve(library),
      JSON.stringify(config ?? null),
      {
        onFrame(frame) {
          peer.receive(frame);
        },
        onClosed(fault, byte) {
          peer.end(closeReason(fault, byte, limits, stream));
        },
        onExit(exitCode, message) {
          onEnd({ exitCode, message });
        },
      },
      limits,
    );
  } catch (error) {
    throw new LocalError(messageOf(error));
  }
}

/**
 * The reason why the Go side closed; for a fault, in the words of the split
 * backend.
 */
function closeReason(
  fault: Fault | '',
  byte: number,
  { maxFrameBytes, maxQueuedBytes }: Limits,
  stream: string,
): CloseReason {
  switch (fault) {
    case '':
      return peerClosed;
    case 'utf8':
      return protocol(notUtf8(byte, stream).message);
    case 'maxFrameBytes':
      return protocol(overLimit(maxFrameBytes, stream).message);
    case 'maxQueuedBytes': {
      const queued = maxQueuedBytes - byte;
      const message = queueFault(stream, queued, Infinity, maxQueuedBytes);
      return protocol(message ?? '');
    }
  }
}

function protocol(message: string): CloseReason {
  return { kind: 'protocol', message };
}

/** The protocol engine's transport to Go. */
class InprocTransport implements Transport {
  readonly #handle: Handle;
  readonly #stream: string;
  readonly #maxQueuedBytes: number;

  constructor(handle: Handle, options: InprocOptions) {
    this.#handle = handle;
    this.#stream = streamsOf(options).out;
    this.#maxQueuedBytes = {
      ...defaultLimits,
      ...options.limits,
    }.maxQueuedBytes;
  }

  /**
   * A frame to a closed Go side is lost, as in a pipe. The engine closes after
   * it has handled the frames that came before.
   */
  send(frame: Frame): void {
    this.#checkLength(frame);
    this.#handle.send(withoutNewline(frame));
  }

  callSync(frame: Frame): string {
    this.#checkLength(frame);
    const response = this.#handle.callSync(withoutNewline(frame));
    if (response !== undefined) return response;
    this.#handle.deliver(); // frames before the close, and the close
    throw new ClosedError(peerClosed.message);
  }

  close(): void {
    this.#handle.close();
  }

  /**
   * A frame longer than the queue's limit is refused here; one that does not
   * fit now is refused by Go.
   */
  #checkLength(frame: Frame): void {
    const most = this.#maxQueuedBytes;
    if (frame.length * 3 <= most) return;
    const bytes = frameBytes(frame);
    const fault = queueFault(this.#stream, 0, bytes, most);
    if (fault !== undefined) throw new LocalError(fault);
  }
}

function withoutNewline(frame: Frame): string | Uint8Array {
  return typeof frame === 'string' ? frame : frame.subarray(0, -1);
}
