import { closeSync, fstatSync } from 'node:fs';

import {
  ClosedError,
  LocalError,
  ProtocolError,
  defaultLimits,
  messageOf,
  type Bridge,
  type Limits,
} from '@agd-bridge/bridge';
import {
  Peer,
  peerClosed,
  streamsOf,
  type PeerOptions,
  type Streams,
  type Transport,
} from '@agd-bridge/bridge-peer';
import { FrameDecoder, type Frame } from '@agd-bridge/jsonrpc1';

import { SENT, UNSENT } from './addon.js';
import { answers } from './answers.js';
import { pipeLink, sharedLink, type Link } from './link.js';
import { mapMemory } from './memory.js';
import { Output } from './output.js';
import { ringsOf, type Rings } from './ring.js';
import type { SharedSinks } from './shared-input.js';

export interface SplitOptions extends PeerOptions {
  /**
   * Descriptor of the pipe that the peer writes to. The bridge owns and closes
   * it.
   */
  readonly readFd: number;
  /**
   * Descriptor of the pipe that the peer reads from. The bridge owns and closes
   * it.
   */
  readonly writeFd: number;
  /**
   * Descriptor of the shared-memory region that the peer offers
   * (`go/bridge/shm`). The bridge owns and closes it. The region is used if
   * this package's addon is built and the region has this version; otherwise
   * the pipes carry everything, and Node.js prints a warning with the code
   * `BRIDGE_PIPES_ONLY`.
   */
  readonly sharedFd?: number;
  /**
   * False disables this package's addon, as if it were not built. Default true.
   */
  readonly addon?: boolean;
}

/** How long to read on from a peer that no longer reads, in ms. */
const LAST_WORDS_MS = 1000;

/**
 * Opens a bridge over two pipes, and over shared memory if the peer offers it.
 * The bridge keeps the event loop alive until it is closed. Linux only: it
 * reopens the pipes through `/proc/self/fd`.
 *
 * @throws {LocalError} a descriptor is not a pipe, or `sharedFd` not open
 */
export function openSplit(options: SplitOptions): Bridge {
  return new Peer((peer) => {
    try {
      return new SplitTransport(peer, options);
    } catch (error) {
      if (error instanceof LocalError) throw error;
      throw new LocalError(
        `cannot open the pipes of descriptors ${String(options.readFd)} and ${String(options.writeFd)}: ${messageOf(error)}`,
      );
    }
  }, options);
}

class SplitTransport implements Transport {
  readonly #peer: Peer;
  readonly #limits: Limits;
  readonly #decoder: FrameDecoder;
  readonly #link: Link;
  readonly #output: Output;
  #open = true;

  constructor(
    peer: Peer,
    { readFd, writeFd, sharedFd, addon = true, ...options }: SplitOptions,
  ) {
    this.#peer = peer;
    this.#limits = { ...defaultLimits, ...options.limits };
    const streams = streamsOf(options);
    this.#decoder = new FrameDecoder(this.#limits, streams.in);
    const { maxQueuedBytes } = this.#limits;
    const rings =
      sharedFd === undefined ? undefined : share(sharedFd, streams, addon);
    const sinks: SharedSinks = {
      onBytes: (bytes) => {
        this.#decoder.feed(bytes);
      },
      onRead: () => {
        this.#deliver();
      },
      onEnd: () => {
        this.#ended();
      },
      onError: (error) => {
        this.#break(error);
      },
    };
    const paths = [pathOf(readFd), pathOf(writeFd)] as const;
    this.#link = rings
      ? sharedLink(...paths, rings, sinks)
      : pipeLink(...paths, sinks, addon);
    this.#output = new Output(
      this.#link.sink,
      streams.out,
      maxQueuedBytes,
      (error) => {
        if (error instanceof ProtocolError) this.#break(error);
        setTimeout(() => {
          peer.end(peerClosed);
        }, LAST_WORDS_MS).unref();
      },
    );
    closeSync(readFd);
    closeSync(writeFd);
  }

  send(frame: Frame): void {
    this.#output.send(frame);
  }

  callSync(frame: Frame, id: number): string {
    this.#link.input.hold();
    try {
      return this.#exchangeFor(frame, id) ?? this.#sendFor(frame, id);
    } finally {
      this.#link.input.release();
    }
  }

  close(): void {
    this.#open = false;
    this.#link.input.close();
    this.#output.close();
  }

  /**
   * The fast path, for a short frame while nothing is queued; undefined:
   * nothing was sent.
   */
  #exchangeFor(frame: Frame, id: number): string | undefined {
    if (typeof frame !== 'string') return undefined;
    if (!this.#output.idle || !this.#decoder.empty) return undefined;
    this.#output.checkRoom(frame);
    const got = this.#link.exchange(frame);
    switch (got) {
      case UNSENT:
        return undefined;
      case SENT:
        break;
      default:
        if (typeof got !== 'string') this.#decoder.feed(got);
        else if (answers(got, id, this.#limits)) return got;
        else this.#peer.receive(got);
    }
    return this.#waitFor(id);
  }

  #sendFor(frame: Frame, id: number): string {
    this.#output.send(frame);
    return this.#pushOut(id) ?? this.#waitFor(id);
  }

  /**
   * Writes the rest of a frame that the pipe did not take at once. Reads at the
   * same time, because a peer that is blocked writing to us would never read.
   */
  #pushOut(id: number): string | undefined {
    let response: string | undefined;
    for (let idle = 0; this.#open && this.#output.blocked;) {
      const wrote = this.#output.flush();
      const read = this.#link.input.readAvailable();
      if (read === 'end') this.#ended();
      response = this.#deliver(id, response);
      idle = wrote || read === 'bytes' ? 0 : idle + 1;
      if (idle > 0) sleep(Math.min(idle * 0.05, 1));
    }
    if (this.#output.broken) {
      // The peer no longer reads. Frames that it wrote before still count.
      while (this.#open && this.#link.input.readAvailable() === 'bytes') {
        response = this.#deliver(id, response);
      }
      if (response === undefined) {
        const { brokenBy } = this.#output;
        if (brokenBy instanceof ProtocolError) throw brokenBy;
        throw new ClosedError(peerClosed.message);
      }
    }
    return response;
  }

  #waitFor(id: number): string {
    for (;;) {
      const response = this.#deliver(id);
      if (response !== undefined) return response;
      if (this.#open && !this.#link.input.readBlocking()) this.#ended();
      if (!this.#open) throw new ClosedError(peerClosed.message);
    }
  }

  /**
   * Passes every whole frame to the peer engine, except the response that
   * callSync waits for, which is returned. Frames after one that closed the
   * bridge are dropped.
   */
  #deliver(id?: number, found?: string): string | undefined {
    let response = found;
    try {
      for (
        let frame = this.#decoder.next();
        frame !== undefined && this.#open;
        frame = this.#decoder.next()
      ) {
        if (
          id !== undefined &&
          response === undefined &&
          answers(frame, id, this.#limits)
        ) {
          response = frame;
        } else this.#peer.receive(frame);
      }
    } catch (error) {
      this.#break(error);
    }
    return response;
  }

  /** Handles the end of the pipe. */
  #ended(): void {
    if (!this.#open) return;
    try {
      this.#decoder.end();
    } catch (error) {
      this.#break(error);
    }
    this.#peer.end(peerClosed);
  }

  #break(error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    this.#peer.end({ kind: 'protocol', message: error.message });
  }
}

/**
 * The rings of the region; undefined: pipes only.
 *
 * @throws {LocalError} the descriptor is not open
 */
function share(
  fd: number,
  streams: Streams,
  addon: boolean,
): Rings | undefined {
  try {
    fstatSync(fd);
  } catch (error) {
    throw new LocalError(
      `cannot open the shared memory of descriptor ${String(fd)}: ${messageOf(error)}`,
    );
  }
  try {
    return addon ? ringsOf(mapMemory(fd), streams.in) : undefined;
  } catch (error) {
    process.emitWarning(
      `shared memory is not used, so calls take longer: ${messageOf(error)}`,
      { code: 'BRIDGE_PIPES_ONLY' },
    );
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function pathOf(fd: number): string {
  return `/proc/self/fd/${String(fd)}`;
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

function sleep(ms: number): void {
  Atomics.wait(nothing, 0, 0, ms);
}
