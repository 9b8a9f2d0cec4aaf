import { loadAddon, type Memory } from './addon.js';

/**
 * Maps a memfd; the descriptor stays owned by the caller.
 *
 * @throws Error the addon is not built, or the file is not a valid region
 */
export function mapMemory(fd: number): Memory {
  return new (loadAddon().Memory)(fd);
}
