import { createRequire } from 'node:module';

import { messageOf } from '@agd-bridge/bridge';

/**
 * The result of sending one frame and waiting for the next: the text of the one
 * frame received; the received bytes, if they are anything else; or how far the
 * exchange got. Only short frames get beyond {@link UNSENT}.
 */
export type Exchanged = string | Uint8Array | typeof UNSENT | typeof SENT;

/** Nothing was written. */
export const UNSENT = 0;
/** The frame was written; the response is still to be read. */
export const SENT = 1;

/** A memfd in this process's memory (`src/shm.cc`). Used on one thread. */
export interface Memory {
  /** The mapped bytes; valid as long as the buffer is referenced. */
  readonly buffer: ArrayBuffer;
  /**
   * Blocks while the tail of the ring with this control is `head`. Returns
   * false if the other end of the pipe `fd` is closed and the tail is
   * unchanged.
   */
  wait(control: number, head: number, fd: number): boolean;
  /** Wakes the ring's sleeping consumer. */
  wake(control: number): void;
  /**
   * Sets the rings of {@link exchange}: offsets in bytes. Required before the
   * first exchange.
   *
   * @param indices the head of our inbound ring, the tail of our outbound ring,
   * and the last value read of the peer's head there
   * @param fd the pipe whose other end is the peer's
   */
  share(
    indices: Int32Array,
    fromControl: number,
    fromData: number,
    toControl: number,
    toData: number,
    ringBytes: number,
    fd: number,
  ): void;
  /** Writes a frame, blocks, and returns the frame received. */
  exchange(frame: string): Exclude<Exchanged, Uint8Array>;
}

/**
 * The blocking and the non-blocking end of two pipes; both stay owned by the
 * caller.
 */
export interface Pipes {
  exchange(frame: string): Exchanged;
}

/** This package's addon (`src/addon.cc`). */
export interface Addon {
  readonly Memory: new (fd: number) => Memory;
  readonly Pipes: new (readFd: number, writeFd: number) => Pipes;
}

const NAME = '@agd-bridge/bridge-split';

/** @throws Error, in one line: the addon is not built */
export function loadAddon(): Addon {
  // package.json has the path: `node --conditions=sanitized` selects the binary
  // of `make test-addon-memory`. Required by the package's name, for bundles.
  const require = createRequire(import.meta.url);
  try {
    return require(`${NAME}/addon`) as Addon;
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n');
    throw new Error(
      `cannot load the addon of ${NAME}: ${reason}: build it with "npm rebuild ${NAME}", ` +
        'or in the repository with "make build"',
    );
  }
}
