import { join } from 'node:path';

/** Where the kernel runs. */
export type Mode = 'in-process' | 'split';
export const modes: readonly Mode[] = ['in-process', 'split'];

/** What carries the frames in split mode (`--split-transport`). */
export type Transport = 'auto' | 'pipe' | 'shm';

/**
 * How a node runs its kernel. Absent members are left to the environment and
 * app.toml.
 */
export interface Way {
  readonly mode: Mode;
  readonly transport?: Transport;
  /** Whether the VM of split mode is confined (`--jail`). */
  readonly jail?: 'auto' | 'on' | 'off';
  /**
   * What agd records of the frames: the last ones in memory, as by default, or
   * all of them in a file `trace.jsonl` in the home.
   */
  readonly record?: 'nothing' | 'flight' | 'trace';
  /**
   * A file with the configuration of OpenTelemetry, for the environment variable
   * OTEL_CONFIG_FILE.
   */
  readonly telemetry?: string;
}

/** Each mode with its default settings. */
export const byMode: Readonly<Record<Mode, Way>> = {
  'in-process': { mode: 'in-process' },
  split: { mode: 'split' },
};

/** The TCP ports that a node listens on, all on loopback. */
export interface NodePorts {
  readonly rpc: number;
  readonly p2p: number;
  readonly grpc: number;
}

export interface StartOptions {
  readonly home: string;
  readonly way: Way;
  /** Absent: those of config.toml and app.toml. */
  readonly ports?: NodePorts;
  readonly log?: 'json' | 'plain';
  /** Further arguments; they override the others. */
  readonly args?: readonly string[];
}

/** The command line of `agd start`, without the program. */
export function startArgs(options: StartOptions): string[] {
  const { home, way, ports, log = 'json', args = [] } = options;
  const at = (port: number): string => `127.0.0.1:${String(port)}`;
  const split = way.mode === 'split';
  return [
    ...['start', '--home', home, `--split=${String(split)}`],
    ...(split && way.transport ? ['--split-transport', way.transport] : []),
    ...(way.jail ? ['--jail', way.jail] : []),
    ...(way.record === 'nothing' || way.record === 'trace'
      ? ['--bridge-flight-recorder-size', '0']
      : []),
    ...(way.record === 'trace'
      ? ['--bridge-trace', join(home, 'trace.jsonl')]
      : []),
    ...(ports
      ? [
          ...['--rpc.laddr', `tcp://${at(ports.rpc)}`],
          ...['--p2p.laddr', `tcp://${at(ports.p2p)}`],
          ...['--grpc.address', at(ports.grpc)],
        ]
      : []),
    ...(log === 'json' ? ['--log_format', 'json'] : ['--log_no_color']),
    ...args,
  ];
}
