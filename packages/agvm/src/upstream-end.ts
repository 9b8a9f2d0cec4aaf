/**
 * The VM's end beside upstream's agd. That agd treats the end of the VM's pipe
 * as the failure of every running call, and panics. A signal to it during INIT
 * or another block action would therefore end in a panic when the VM exits, and
 * the VM must exit, because agd waits for that. So another process holds the
 * writing end of the pipe open until agd has exited.
 *
 * While no call runs, agd ends by itself. The VM waits for that, because its
 * own exit before would give agd the exit code of a VM that has died.
 */

/** What the end requires of the process; `main.ts` provides it. */
export interface Leaving {
  /** Whether agd still has its end of the pipe. */
  readonly agdLives: () => boolean;
  /** Starts a process that keeps the writing end open. */
  readonly handOver: () => void;
  /**
   * Whether agd ends by itself: it has closed its pipe, the request to end,
   * while no call ran.
   */
  readonly agdEnds: () => boolean;
  readonly now: () => number;
  /** Blocks the thread. */
  readonly sleep: (ms: number) => void;
}

/** Interval between two checks of agd, in ms. */
const INTERVAL = 20;

/**
 * The longest wait for agd's own end, in ms. If the kernel's shutdown takes less
 * than 1 s, the VM exits within upstream's grace period of 3 s; the SIGINT that
 * follows it has no effect during the wait.
 */
const AGD_GRACE = 2000;

/** Maximum life of the process that keeps the writing end open, in ms. */
const KEEPER_LIFE = 10_000;

/** Runs as the process's last step: blocks, and returns when it may exit. */
export function leaveUpstream(leaving: Leaving): void {
  const { agdLives, handOver, agdEnds, now, sleep } = leaving;
  const limit = now() + AGD_GRACE;
  while (agdEnds() && agdLives() && now() < limit) {
    sleep(INTERVAL);
  }
  if (agdLives()) handOver();
}

/**
 * The script of the process that keeps the writing end open as its descriptor
 * 3. Each look at agd writes white space between frames, which agd's decoder
 * skips.
 */
export const keeper = `const { writeSync } = require('node:fs');
const limit = Date.now() + ${String(KEEPER_LIFE)};
const timer = setInterval(() => {
  try {
    writeSync(3, '\\n');
  } catch (error) {
    if (error.code !== 'EAGAIN') clearInterval(timer);
  }
  if (Date.now() > limit) clearInterval(timer);
}, ${String(INTERVAL)});`;
