import { loadAddon, type Exchanged } from './addon.js';

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

/**
 * Maps a memfd; the descriptor stays the caller's.
 *
 * @throws Error the addon is not built, or the file is not what it should be
 */
export function mapMemory(fd: number): Memory {
  return new (loadAddon().Memory)(fd);
}
