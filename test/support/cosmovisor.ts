import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startArgs, type NodeOptions } from './node.js';
import { agd, root } from './paths.js';
import { Process } from './process.js';

/**
 * cosmovisor as built by `make test-cosmovisor`, because the build is too large
 * for every test run.
 */
export const cosmovisor = join(root, 'build', 'test', 'cosmovisor');

/** Creates `<home>/cosmovisor` as docs/operating.md describes: bin/agd is a link into an installation. */
export async function layout(home: string): Promise<void> {
  const bin = join(home, 'cosmovisor', 'genesis', 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(agd, join(bin, 'agd'));
}

/**
 * Adds the successor for an upgrade. The tests have only one agd, so the
 * successor is the same one, with the option to pass the height.
 */
export async function layoutUpgrade(
  home: string,
  name: string,
  height: number,
): Promise<void> {
  const bin = join(home, 'cosmovisor', 'upgrades', name, 'bin');
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh
case $1 in
start) exec '${agd}' "$@" --unsafe-skip-upgrades ${String(height)} ;;
*) exec '${agd}' "$@" ;;
esac
`;
  await writeFile(join(bin, 'agd'), script);
  await chmod(join(bin, 'agd'), 0o755);
}

/** Starts `cosmovisor run start …`. It ends when every process below it has. */
export function runCosmovisor(
  options: NodeOptions,
  env: NodeJS.ProcessEnv = {},
): Process {
  return new Process(cosmovisor, ['run', ...startArgs(options)], {
    ...process.env,
    DAEMON_HOME: options.home,
    DAEMON_NAME: 'agd',
    AGD_HOME: options.home,
    ...env,
  });
}
