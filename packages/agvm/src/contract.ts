/**
 * The contract between agd and agvm, besides the frames of the bridge: the
 * environment variables and descriptors that agd gives agvm, the notifications
 * and members of the handshake, the time limits, and the default limits of the
 * bridge. docs/protocol.md describes each; exit codes are in `exit-codes.ts`.
 *
 * The Go half is `go/contract/contract.go`. Change both, and the table
 * `packages/bridge/test/contract.ts`, whose test compares them.
 */
export {
  HANDSHAKE_METHOD,
  PROTOCOL_VERSION,
  defaultLimits,
  type Hello,
  type Limits,
} from '@agd-bridge/bridge';

/** Environment variables that agd sets for agvm. */
export const variables = {
  /** Split: number of the descriptor to read from, {@link descriptors}. */
  fromAgd: 'AGVM_FROM_AGD',
  /** Split: number of the descriptor to write to. */
  toAgd: 'AGVM_TO_AGD',
  /** Split: number of the shared memory's descriptor, if agd offers one. */
  shared: 'AGVM_SHM',
  /** In-process: path of the library that agvm loads. */
  library: 'AGVM_LIBAGD',
  /**
   * The bridge's limits as JSON, an object of positive integers; omitted ones
   * have their defaults.
   */
  limits: 'AGVM_LIMITS',
  /** Path of agd-vm-jail, if agvm is in a jail. */
  jail: 'AGVM_JAIL',
  /** Set: agd was started with SIGHUP ignored, as by nohup. */
  ignoreHangup: 'AGVM_IGNORE_SIGHUP',
} as const;

/**
 * The environment variable in which a user names a file to which agvm appends
 * the times of downcalls, see ./downcall-times.ts. agd passes it on.
 */
export const DOWNCALL_TIMES = 'AGVM_DOWNCALL_TIMES';

/**
 * Numbers that agd gives the descriptors of {@link variables}. 3 stays closed,
 * because Node uses it for its own IPC. agvm takes the numbers from the
 * variables.
 */
export const descriptors = {
  fromAgd: 4,
  toAgd: 5,
  shared: 6,
} as const;

/** agd's name in the bridge's errors: `from agd: byte 7: …`. */
export const AGD_NAME = 'agd';

/** agd → agvm, a notification with `{}`: stop. */
export const STOP_VM = 'agvm.Stop';

/** agvm → agd, a notification with {@link StopRequest}: stop. */
export const STOP_CHAIN = 'agd.Stop';

/** The signals that stop the VM and agd. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The param of {@link STOP_CHAIN}. */
export interface StopRequest {
  readonly signal: StopSignal;
  /** A signal came before: agd shortens its waits. */
  readonly again?: true;
}

/**
 * agd → agvm: an upcall that agvm serves itself, whether the kernel has
 * connected or not, and the capability of that name in agvm's {@link Hello}.
 */
export const STORE_STATE = 'swingset.SwingStoreState';

/** Time limits of a stop, in ms. The first three are agd's. */
export const times = {
  /** From {@link STOP_VM} until agd sends SIGTERM. */
  stopGrace: 3 * 1000,
  /** From SIGTERM until SIGKILL. */
  termGrace: 5 * 1000,
  /** Replaces both after a second signal. */
  hurriedGrace: 500,
  /**
   * The kernel's time for its action, its workers and its logs; shorter than
   * stopGrace, so that agvm exits by itself.
   */
  kernelGrace: 2500,
  /**
   * With upstream's agd: from a signal to the VM until it ends, if agd does not
   * close the pipe before.
   */
  upstreamGrace: 500,
  /** In-process: agd's time to exit after the VM has failed. */
  programGrace: 5 * 1000,
} as const;

/**
 * Maximum size of a kernel message, in bytes. The limit belongs to the chain,
 * not to a node: every kernel must get the same response. A frame of this size
 * fits into the default limits, and no node has smaller ones.
 */
export const MAX_TEXT_BYTES = 64 * 1024 * 1024 - 1024;
