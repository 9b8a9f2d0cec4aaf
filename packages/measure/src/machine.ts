import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** Where a run was made. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Processes that wanted a CPU in the minute before. */
  readonly load: number;
  readonly linux: string;
  readonly node: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    linux: release(),
    node: process.version,
  };
}
