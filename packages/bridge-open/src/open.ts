import { LocalError, acceptHandshake, type Bridge } from '@agd-bridge/bridge';
import { openInproc, type ProgramEnd } from '@agd-bridge/bridge-inproc';
import type { PeerOptions } from '@agd-bridge/bridge-peer';
import { openSplit } from '@agd-bridge/bridge-split';

import {
  carrierOf,
  defaultVariables,
  type Environment,
  type Variables,
} from './carrier.js';

/** Options of {@link openBridge}, all optional. */
export interface OpenOptions extends PeerOptions {
  /** Names of environment variables, where they differ from the default. */
  readonly variables?: Partial<Variables>;
  /** Passed to a Go library as JSON; default null. */
  readonly config?: unknown;
  /**
   * Name and version of this program, such as `hello 1.0.0`. If set, openBridge
   * responds to the handshake. If the handshake fails, the Go program reports the
   * reason and ends. Otherwise call `acceptHandshake` of `@agd-bridge/bridge`.
   */
  readonly software?: string;
}

/** A bridge, the same in both modes. */
export interface OpenedBridge extends Bridge {
  /** Where the Go side is: in another process, or in this one. */
  readonly mode: 'split' | 'in-process';
  /**
   * Settles at the end of the Go program; never rejects. In-process: when the
   * program has returned, with its exit code and reason. In split mode: when the
   * bridge has closed, with exit code 1 if the peer broke the protocol, else 0.
   */
  readonly ended: Promise<ProgramEnd>;
}

/**
 * Opens the bridge that the environment names. The Go side sends the first
 * message: register handlers before the next turn of the event loop, or pass
 * them in the options.
 *
 * @param env the variables, `process.env` as a rule
 * @throws {LocalError} the environment names no bridge, or it cannot be opened
 */
export function openBridge(
  env: Environment,
  { software, ...options }: OpenOptions = {},
): OpenedBridge {
  const bridge = open(env, options);
  if (software !== undefined) {
    acceptHandshake(bridge, software).catch(() => undefined);
  }
  return bridge;
}

function open(
  env: Environment,
  { variables, config, ...options }: OpenOptions,
): OpenedBridge {
  const names = { ...defaultVariables, ...variables };
  const carrier = carrierOf(env, names);
  switch (carrier?.mode) {
    case 'split': {
      const { mode, ...descriptors } = carrier;
      const bridge = openSplit({ ...options, ...descriptors });
      const ended = bridge.closed.then(({ kind, message }) =>
        kind === 'protocol'
          ? { exitCode: 1, message }
          : { exitCode: 0, message: '' },
      );
      return Object.assign(bridge, { mode, ended });
    }
    case 'in-process': {
      const { mode, library } = carrier;
      const bridge = openInproc({ ...options, library, config });
      return Object.assign(bridge, { mode });
    }
    case undefined:
      throw new LocalError(
        `no bridge to open: neither ${names.read} and ${names.write} nor ${names.library} is set: ` +
          `start this program from Go, with split.Run or inproc.Exec`,
      );
  }
}
