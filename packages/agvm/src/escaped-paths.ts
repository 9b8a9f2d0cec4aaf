import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** As it was before {@link readEscapedPaths}. */
const exists = fs.existsSync;

/**
 * The file that the kernel means. It takes the `pathname` of a file's URL for
 * the file's path, in which characters such as a space or "#" are escaped.
 */
export function realName(path: string): string {
  if (!path.startsWith('/') || !path.includes('%') || exists(path)) return path;
  try {
    const unescaped = decodeURIComponent(path);
    return exists(unescaped) ? unescaped : path;
  } catch {
    return path; // a "%" of its own
  }
}

/**
 * Lets the kernel read files by escaped paths, where no file has that path: its
 * configuration, its vats' sources, its workers' bundles. The change holds for
 * the whole process: call this once, before the kernel is imported.
 */
export function readEscapedPaths(): void {
  const { readFileSync } = fs;
  const { readFile } = fs.promises;
  const named = <T>(path: T): T =>
    typeof path === 'string' ? (realName(path) as T) : path;
  Object.assign(fs, {
    existsSync: (path: fs.PathLike) => exists(named(path)),
    readFileSync: (path: fs.PathOrFileDescriptor, ...rest: [never]) =>
      readFileSync(named(path), ...rest),
  });
  Object.assign(fs.promises, {
    readFile: async (path: fs.PathLike, ...rest: [never]) =>
      readFile(named(path), ...rest),
  });
  syncBuiltinESMExports();
}
