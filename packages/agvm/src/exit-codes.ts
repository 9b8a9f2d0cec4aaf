/**
 * Exit codes of the VM's process. agd's own are in `go/supervisor/exitcode.go`.
 */
export const exitCodes = {
  /** A command completed, or agd asked the VM to stop. */
  ok: 0,
  /**
   * Bad usage, something not installed, or the chain ended without a request;
   * one line on stderr names the cause.
   */
  failed: 1,
  /** Split: an uncaught exception, a defect. agd then exits with 99. */
  defect: 70,
  /** Stopped by a signal. */
  stopped: 98,
  /** In-process, where the process is agd: `start` ended without a request. */
  endedUnasked: 99,
} as const;
