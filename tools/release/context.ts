/** What the parts of a release have in common. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { root } from '../install/stage.js';

/**
 * The Node.js that releases contain, so that every node of a network can run the
 * same one. A release's bytes depend on it.
 */
const NODE_VERSION = '24.22.3';

const { version } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as { version: string };

/** The version of all packages. */
export { version };

/** Node.js's name of this machine's architecture. */
export const { arch } = process;

/** Debian's name of it, which container images use, too. */
export const debianArch =
  { x64: 'amd64', arm64: 'arm64' }[arch as string] ?? arch;

/** Where releases are made. */
export const output = join(root, 'build', 'release');

/** Intermediate files. */
export const work = join(output, '.work');

/**
 * The time of every file in a release, in seconds since 1970: that of the
 * commit, or SOURCE_DATE_EPOCH.
 */
export const epoch =
  process.env['SOURCE_DATE_EPOCH'] ??
  run('git', ['log', '-1', '--format=%ct']).trim();

/** The environment of programs that write times into their output. */
export const environment = {
  ...process.env,
  SOURCE_DATE_EPOCH: epoch,
  TZ: 'UTC',
  LC_ALL: 'C.UTF-8',
};

/**
 * Runs a program in the repository's root; its errors are on standard error.
 *
 * @returns its standard output
 */
export function run(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): string {
  return execFileSync(file, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
}

/** The directory of the Node.js that releases contain; downloads it once. */
export const nodeDirectory = (): string =>
  run(join(root, 'tools', 'node.sh'), [NODE_VERSION]).trim();

/** An empty directory for intermediate files. */
export function emptyDirectory(name: string): string {
  const directory = join(work, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}

/**
 * Makes a tarball whose bytes depend only on the files.
 *
 * @param file compressed if its name ends with `.gz`
 * @param directory where the files are
 * @param names of the files there
 */
export function tarball(
  file: string,
  directory: string,
  names: readonly string[],
  ...args: readonly string[]
): void {
  run('tar', [
    ...['--create', '--file', file],
    ...(file.endsWith('.gz')
      ? ['--use-compress-program', 'gzip --no-name']
      : []),
    ...['--sort', 'name', '--mtime', `@${epoch}`, '--format', 'gnu'],
    ...['--owner', '0', '--group', '0', '--numeric-owner'],
    ...['--mode', 'u+rwX,go=rX', ...args],
    ...['--directory', directory, ...names],
  ]);
}
