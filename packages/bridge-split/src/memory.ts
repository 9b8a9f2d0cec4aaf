import { loadAddon, type Memory } from './addon.js';

/**
 * Maps a memfd; the descriptor stays the caller's.
 *
 * @throws Error the addon is not built, or the file is not what it should be
 */
export function mapMemory(fd: number): Memory {
  return new (loadAddon().Memory)(fd);
}
