import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { processesOf } from './proc.js';
import type { Mode } from './start-args.js';

/** The agd process that runs on a home directory. */
export interface Owner {
  readonly pid: number;
  readonly mode: Mode;
}

/**
 * The node that runs on a home directory, started by any program; undefined if
 * none runs. Found by agd's lock on `data` (go/home/lock.go).
 */
export function ownerOf(home: string): Owner | undefined {
  try {
    const { ino } = statSync(join(home, 'data'));
    const pid = lockHolder(readFileSync('/proc/locks', 'utf8'), ino);
    if (pid === undefined) return undefined;
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
    // Other commands take the lock too.
    if (!command.split('\0').includes('start')) return undefined;
    const [agd] = processesOf(pid);
    return agd && { pid, mode: agd.name === 'agd' ? 'split' : 'in-process' };
  } catch {
    return undefined; // the home or the process is gone
  }
}

/**
 * The process id of the flock on an inode, from the text of `/proc/locks`. A
 * waiting process has a line with `->`.
 */
export function lockHolder(text: string, inode: number): number | undefined {
  const lock = new RegExp(
    `^\\d+: FLOCK +\\w+ +\\w+ +(\\d+) [0-9a-f]+:[0-9a-f]+:${String(inode)} `,
    'm',
  );
  const pid = lock.exec(text)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
