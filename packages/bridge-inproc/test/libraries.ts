import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The Go test library: `make build/test/libbridgepeer.so`. */
export const goLibrary = join(root, 'build/test/libbridgepeer.so');

/** Compiles fixture-library.c; returns the library's path and how to remove it. */
export function compileLibrary(name: string, ...flags: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'bridge-inproc-'));
  const path = join(directory, `${name}.so`);
  execFileSync('gcc', [
    ...['-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', ...flags],
    ...['-I', join(root, 'go/bridge/inproc'), '-o', path],
    fileURLToPath(new URL('fixture-library.c', import.meta.url)),
  ]);
  return {
    path,
    remove: () => {
      rmSync(directory, { recursive: true });
    },
  };
}
