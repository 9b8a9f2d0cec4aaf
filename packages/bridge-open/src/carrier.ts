import { LocalError } from '@agd-bridge/bridge';

/** Names of the environment variables by which Go names the bridge. */
export interface Variables {
  /** Number of the descriptor of the pipe to read from. */
  readonly read: string;
  /** Number of the descriptor of the pipe to write to. */
  readonly write: string;
  /** Number of the descriptor of the shared memory, if there is one. */
  readonly memory: string;
  /** Path of the Go library to load into this process. */
  readonly library: string;
}

/**
 * The names that Go's `split.Start`, `split.Attach` and `inproc.Exec` use by
 * default.
 */
export const defaultVariables: Variables = {
  read: 'BRIDGE_READ_FD',
  write: 'BRIDGE_WRITE_FD',
  memory: 'BRIDGE_MEMORY_FD',
  library: 'BRIDGE_LIBRARY',
};

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What carries a bridge. */
export type Carrier =
  | {
      readonly mode: 'split';
      readonly readFd: number;
      readonly writeFd: number;
      readonly sharedFd?: number;
    }
  | { readonly mode: 'in-process'; readonly library: string };

/**
 * The carrier that an environment names; undefined if it names none. If it
 * names pipes and a library, the pipes are used.
 *
 * @throws {LocalError} a variable is malformed, or one pipe is missing
 */
export function carrierOf(
  env: Environment,
  variables: Variables = defaultVariables,
): Carrier | undefined {
  const { read, write, memory } = variables;
  if (env[read] !== undefined || env[write] !== undefined) {
    return {
      mode: 'split',
      readFd: descriptor(read, env),
      writeFd: descriptor(write, env),
      ...(env[memory] !== undefined && { sharedFd: descriptor(memory, env) }),
    };
  }
  const library = env[variables.library];
  return library === undefined ? undefined : { mode: 'in-process', library };
}

function descriptor(variable: string, env: Environment): number {
  const value = env[variable];
  if (value !== undefined && /^\d{1,9}$/.test(value)) return Number(value);
  const got =
    value === undefined ? 'it is not set' : `got ${JSON.stringify(value)}`;
  throw new LocalError(
    `${variable} must be the number of an open file descriptor, but ${got}`,
  );
}
