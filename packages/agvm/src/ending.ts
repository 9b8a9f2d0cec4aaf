import type { KernelShutdown } from './signals.js';

/** How long the kernel may take to end its action, its workers and its logs, in ms. */
const KERNEL_GRACE = 2500;

export interface EndingOptions {
  readonly target: Pick<NodeJS.Process, 'exit' | 'exitCode'>;
  /** The kernel's own way to end, once it has one. It calls `process.exit()` when it is through. */
  readonly kernelShutdown: () => KernelShutdown | undefined;
  /** Writes one line for the operator. */
  readonly log: (line: string) => void;
}

/** Ends the process with an exit code; the line says why, if somebody should know. The first call decides. */
export type End = (code: number, line?: string) => void;

/** The only door by which the VM leaves. Returns at once; the process ends within {@link KERNEL_GRACE}. */
export function makeEnd({ target, kernelShutdown, log }: EndingOptions): End {
  let ending = false;
  return (code, line) => {
    if (ending) {
      return;
    }
    ending = true;
    if (line !== undefined) {
      log(line);
    }
    const shutdown = kernelShutdown();
    if (!shutdown) {
      target.exit(code);
      return;
    }
    setTimeout(() => {
      target.exit(code);
    }, KERNEL_GRACE);
    shutdown('SIGINT');
    // After it, because it sets a code of its own.
    target.exitCode = code;
  };
}
