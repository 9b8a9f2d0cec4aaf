import { accessSync, constants, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { messageOf } from '@agd-bridge/bridge';

import { AGD_BINARY, UsageError } from './modes.js';

/** Replaces this process's program; returns only by throwing. */
export type Exec = (
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
) => never;

/**
 * Finds the agd to start: `AGD_BINARY`, or else `agd` beside agvm. Looks in the
 * directory of the path by which agvm was called, then in that of each symbolic
 * link's target (`build/agvm` is a link, and others may point to it).
 *
 * @param self path of the script that runs
 * @throws {UsageError} there is none
 */
export function findAgd(self: string, env: NodeJS.ProcessEnv): string {
  const named = env[AGD_BINARY];
  const candidates =
    named === undefined || named === ''
      ? links(self).map((script) => path.join(path.dirname(script), 'agd'))
      : [path.resolve(named)];
  const found = candidates.find(isExecutable);
  if (found === undefined) {
    throw new UsageError(
      `cannot start agd: there is none at ${[...new Set(candidates)].map((file) => JSON.stringify(file)).join(' or ')}: run "make build", or set ${AGD_BINARY}`,
    );
  }
  return found;
}

/** A file's path, and the targets of its chain of symbolic links, in order. */
function links(file: string): string[] {
  const found = [file];
  for (;;) {
    try {
      const dir = realpathSync(path.dirname(file));
      file = path.resolve(dir, readlinkSync(file));
    } catch {
      return found; // not a link
    }
    found.push(file);
  }
}

/**
 * Becomes agd, as the same process.
 *
 * @throws {UsageError} exec failed; usually the addon is not built
 */
export async function becomeAgd(
  agd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  loadExec: () => Promise<Exec>,
): Promise<never> {
  try {
    const exec = await loadExec();
    return exec(agd, args, env);
  } catch (error) {
    throw new UsageError(
      `cannot become ${JSON.stringify(agd)}: ${messageOf(error)}: run "make build"`,
    );
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
