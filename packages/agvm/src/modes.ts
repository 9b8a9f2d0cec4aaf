import { messageOf } from '@agd-bridge/bridge';
import { carrierOf, type Carrier } from '@agd-bridge/bridge-open';

import {
  DOWNCALL_TIMES,
  defaultLimits,
  descriptors,
  variables,
  type Limits,
} from './contract.js';

/** The purpose of the VM process, from its environment and arguments. Pure. */
export type Mode =
  /** Started by agd, which stays the parent: communicate over two pipes. */
  | {
      readonly kind: 'split';
      readonly readFd: number;
      readonly writeFd: number;
      /** Descriptor of the shared memory that agd offers. */
      readonly sharedFd?: number;
    }
  /** Started by agd, which became this process: host its library. */
  | { readonly kind: 'inproc'; readonly library: string }
  /** Started by a user: become agd, which decides the mode. */
  | { readonly kind: 'launch' }
  | { readonly kind: 'help' | 'version' };

/**
 * The environment variable in which a user names the agd to start, if it is not
 * beside agvm.
 */
export const AGD_BINARY = 'AGD_BINARY';

/**
 * A mistake of the user or of agd; the message is one line that says what to
 * do.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws {UsageError} */
export function modeOf(env: NodeJS.ProcessEnv, args: readonly string[]): Mode {
  const carrier = carrierIn(env);
  if (carrier?.mode === 'split') {
    const { mode: kind, ...descriptors } = carrier;
    return { kind, ...descriptors };
  }
  if (carrier !== undefined) {
    return { kind: 'inproc', library: carrier.library };
  }
  const [command] = args;
  switch (command) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return { kind: 'help' };
    case 'version':
    case '--version':
      return { kind: 'version' };
    case 'start':
      return { kind: 'launch' };
    default:
      throw new UsageError(
        `unknown command ${JSON.stringify(command)}: agvm has only start: for everything else use agd (agvm --help)`,
      );
  }
}

/**
 * The bridge's limits that agd passed.
 *
 * @throws {UsageError}
 */
export function limitsOf(env: NodeJS.ProcessEnv): Partial<Limits> {
  const text = env[variables.limits];
  if (text === undefined) return {};
  try {
    const given = JSON.parse(text) as Partial<Record<string, unknown>>;
    for (const [name, value] of Object.entries(given)) {
      if (!Object.hasOwn(defaultLimits, name)) {
        throw new Error(
          `unknown limit ${JSON.stringify(name)}: install agd and agvm from the same release`,
        );
      }
      if (!Number.isSafeInteger(value) || Number(value) < 1) {
        throw new Error(
          `${name} must be a positive integer, not ${JSON.stringify(value)}`,
        );
      }
    }
    return given;
  } catch (error) {
    throw new UsageError(`${variables.limits}: ${messageOf(error)}`);
  }
}

/** @throws {UsageError} */
function carrierIn(env: NodeJS.ProcessEnv): Carrier | undefined {
  const { fromAgd: read, toAgd: write, shared: memory, library } = variables;
  try {
    return carrierOf(env, { read, write, memory, library });
  } catch (error) {
    throw new UsageError(
      `${messageOf(error)}: run "agd start --split", which sets ${read} and ${write}`,
    );
  }
}

export const help = `agvm: the SwingSet kernel's process.

Usage:
  agvm start [flags of agd start]   start agd, which starts the kernel; without --split both become this process
  agvm version
  agvm help

agd also starts agvm by itself, with one of:
  ${variables.fromAgd}, ${variables.toAgd}   numbers of the two pipes' file descriptors, ${String(descriptors.fromAgd)} and ${String(descriptors.toAgd)} (split)
  ${variables.shared}                     number of the shared memory's file descriptor, ${String(descriptors.shared)} (split, if agd offers it)
  ${variables.library}                  path of libagd.so (in-process)
and with
  ${variables.limits}                  the bridge's limits as JSON
  ${variables.jail}                    path of agd-vm-jail (optional: in a jail)
  ${variables.ignoreHangup}           set: SIGHUP does nothing (optional)

Environment:
  ${AGD_BINARY}            the agd to start, if it is not beside agvm
  ${DOWNCALL_TIMES}   a file to which agvm appends a line for each upcall: number and time of its downcalls
`;
