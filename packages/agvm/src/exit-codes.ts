/** Why the VM's process ended: one table for agvm. agd's own is `go/supervisor/exitcode.go`. */
export const exitCodes = {
  /** A command ended, or agd asked the VM to stop. */
  ok: 0,
  /** Bad use, something not installed, or the chain ended unasked; one line on stderr says which. */
  failed: 1,
  /** Split: an exception that nobody caught, a defect. agd then ends with 99. */
  defect: 70,
  /** Stopped by a signal. */
  stopped: 98,
  /** In-process, where the process is agd: `start` ended although nobody asked. */
  endedUnasked: 99,
} as const;
