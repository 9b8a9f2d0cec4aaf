import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** The machine of a run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Load average over the minute before the run. */
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
