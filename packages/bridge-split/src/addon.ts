import { createRequire } from 'node:module';

/**
 * What became of a frame that was to be sent, and answered: the text of the
 * one frame that came; the bytes that came, if they are anything else; or how
 * far it got. Only short frames get farther than {@link UNSENT}.
 */
export type Exchanged = string | Uint8Array | typeof UNSENT | typeof SENT;

/** Nothing was written. */
export const UNSENT = 0;
/** It was written; what came is still to be read. */
export const SENT = 1;

/** A memfd in this process's memory (`src/shm.cc`). Used on one thread. */
export interface Memory {
  /** The memory itself; valid as long as it is referenced. */
  readonly buffer: ArrayBuffer;
  /**
   * Blocks while the tail of the ring with this control is `head`. False: the
   * other end of the pipe `fd` is gone, and the tail is what it was.
   */
  wait(control: number, head: number, fd: number): boolean;
  /** Wakes the ring's consumer, which sleeps. */
  wake(control: number): void;
  /**
   * Says where the rings of {@link exchange} are: offsets in bytes. From then
   * on it works.
   *
   * @param indices the head of what we read, the tail of what we write, and
   *   agd's head there, as it was when somebody looked
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
  /** Writes a frame, waits, and takes the frame that came. */
  exchange(frame: string): Exclude<Exchanged, Uint8Array>;
}

/** A pipe's end that blocks, and one that does not, which stay the caller's. */
export interface Pipes {
  exchange(frame: string): Exchanged;
}

/** This package's addon (`src/addon.cc`). */
export interface Addon {
  readonly Memory: new (fd: number) => Memory;
  readonly Pipes: new (readFd: number, writeFd: number) => Pipes;
}

/** @throws Error it is not built */
export function loadAddon(): Addon {
  // package.json says where it is: `node --conditions=sanitized` takes the
  // binary of `make test-addon-memory`. By the package's name, for bundles.
  const require = createRequire(import.meta.url);
  return require('@agd-bridge/bridge-split/addon') as Addon;
}
