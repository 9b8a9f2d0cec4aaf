import { execFileSync } from 'node:child_process';

import { machine, type Machine } from '@agd-bridge/measure';

/** The machine and the versions of a run. */
export interface Environment extends Machine {
  readonly date: string;
  /** The commit of the tree; with `-dirty` if files differ from it. */
  readonly commit: string;
  readonly seed: number;
  readonly go: string;
}

export function environment(root: string, seed: number): Environment {
  const output = (file: string, ...args: string[]): string => {
    try {
      return execFileSync(file, args, { cwd: root, encoding: 'utf8' }).trim();
    } catch {
      return 'unknown';
    }
  };
  return {
    date: new Date().toISOString(),
    commit: output('git', 'describe', '--always', '--dirty', '--abbrev=12'),
    seed,
    ...machine(),
    go: output('go', 'env', 'GOVERSION'),
  };
}
