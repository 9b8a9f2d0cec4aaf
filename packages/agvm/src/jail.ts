import fs, { type PathLike, type RmOptions } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/** Names agd-vm-jail, if this process is in a jail (`go/cli/jail.go`). */
export const JAIL = 'AGVM_JAIL';

/**
 * For the jail, where a directory that may be written cannot be removed itself,
 * since its parent is not ours: `rmSync`, told to remove one with all in it,
 * leaves it empty there. The kernel's store does so before it takes a snapshot,
 * and makes the directory anew afterwards (`initSwingStore` of
 * `@agoric/swing-store`). It holds for the whole process: call this once,
 * before the kernel is imported.
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
