import { times } from './contract.js';
import type { KernelShutdown } from './signals.js';

export interface EndingOptions {
  readonly target: Pick<NodeJS.Process, 'exit' | 'exitCode'>;
  /**
   * The kernel's own shutdown, once it has registered one. It calls
   * `process.exit()` when it is done.
   */
  readonly kernelShutdown: () => KernelShutdown | undefined;
  /** Writes one line for the operator. */
  readonly log: (line: string) => void;
}

/**
 * Ends the process with an exit code; `line` reports the reason, if there is
 * one to report. Only the first call has an effect.
 */
export type End = (code: number, line?: string) => void;

/**
 * The only way for the VM to exit. Returns at once; the process ends within
 * `times.kernelGrace`.
 */
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
    }, times.kernelGrace);
    shutdown('SIGINT');
    // After the kernel's shutdown, which sets a code of its own.
    target.exitCode = code;
  };
}
