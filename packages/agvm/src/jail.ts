import fs, { type PathLike, type RmOptions } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/**
 * Adapts `rmSync` to the jail. A writable directory there cannot be removed,
 * since its parent is not writable: a recursive `rmSync` of it then empties it
 * and leaves it in place. The kernel's store removes such a directory before it
 * takes a snapshot, and makes it again afterwards (`initSwingStore` of
 * `@agoric/swing-store`). The change holds for the whole process: call this
 * once, before the kernel is imported.
 */
export function keepDirectories(): void {
  const { rmSync } = fs;
  const removeOrEmpty = (path: PathLike, options?: RmOptions): void => {
    try {
      rmSync(path, options);
    } catch (error) {
      const { code, syscall, path: denied } = error as NodeJS.ErrnoException;
      const itself = syscall === 'rmdir' && denied === path;
      if (code !== 'EACCES' || !itself || options?.recursive !== true) {
        throw error;
      }
      for (const name of fs.readdirSync(denied)) {
        rmSync(join(denied, name), options);
      }
    }
  };
  Object.assign(fs, { rmSync: removeOrEmpty });
  syncBuiltinESMExports();
}
