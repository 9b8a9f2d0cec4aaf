import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** Where, and of what, a run was made. */
export interface Environment {
  readonly date: string;
  /** The commit of the tree; with `-dirty` if files differ from it. */
  readonly commit: string;
  readonly seed: number;
  readonly cpu: string;
  readonly cores: number;
  /** Processes that wanted a CPU in the minute before the run. */
  readonly load: number;
  readonly linux: string;
  readonly node: string;
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
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    linux: release(),
    node: process.version,
    go: output('go', 'env', 'GOVERSION'),
  };
}
