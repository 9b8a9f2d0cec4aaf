import { createRequire } from 'node:module';

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
}

/**
 * Maps a memfd; the descriptor stays the caller's.
 *
 * @throws Error the addon is not built, or the file is not what it should be
 */
export function mapMemory(fd: number): Memory {
  // package.json says where it is: `node --conditions=sanitized` takes the
  // binary of `make test-addon-memory`.
  const require = createRequire(import.meta.url);
  const addon = require('#shm') as { Memory: new (fd: number) => Memory };
  return new addon.Memory(fd);
}
