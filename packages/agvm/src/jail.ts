import fs, { type PathLike, type RmOptions } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
      // Which call failed, and for which file, differs between versions of
      // Node.js: an error about a file inside comes again below.
      const { code } = error as NodeJS.ErrnoException;
      const dir = path instanceof URL ? fileURLToPath(path) : path.toString();
      const denied = code === 'EACCES' && options?.recursive === true;
      if (!denied || !fs.lstatSync(dir).isDirectory()) throw error;
      for (const name of fs.readdirSync(dir)) rmSync(join(dir, name), options);
    }
  };
  Object.assign(fs, { rmSync: removeOrEmpty });
  syncBuiltinESMExports();
}
