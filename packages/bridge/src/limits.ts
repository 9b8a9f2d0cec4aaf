/**
 * Limits of one bridge. The same names and defaults as in Go
 * (`go/bridge/limits.go`).
 */
export interface Limits {
  /** Longest frame in either direction, in bytes, without its newline. */
  readonly maxFrameBytes: number;
  /** Deepest nesting of arrays and objects in a frame. */
  readonly maxNesting: number;
  /** Maximum number of one side's calls without a response. */
  readonly maxPendingCalls: number;
  /**
   * Maximum total, in bytes, of inbound frames that wait for their handler to
   * start, and of outbound frames that wait to be written.
   */
  readonly maxQueuedBytes: number;
}

export const defaultLimits: Limits = {
  maxFrameBytes: 64 * 1024 * 1024,
  maxNesting: 512,
  maxPendingCalls: 16_384,
  maxQueuedBytes: 256 * 1024 * 1024,
};
