import { ClosedError } from '@agd-bridge/bridge';

import type { StopSignal } from './contract.js';

/**
 * Callbacks for signals and uncaught errors. agvm handles them instead of the
 * kernel, whose own listeners, installed at INIT, would end the process during
 * a block action (SIGTERM), or with exit code 0 after an uncaught exception.
 */
export interface SignalHooks {
  /** SIGINT, SIGTERM or SIGHUP. `again`: a signal came before. */
  onStop(signal: StopSignal, again: boolean): void;
  /** An uncaught error. The hook should end the process. */
  onDefect(what: string, error: unknown): void;
}

/**
 * The signals that stop the VM. SIGHUP is not among them if agd was started to
 * outlive its terminal.
 */
export function stopSignals(ignoreHangup: boolean): readonly StopSignal[] {
  return ignoreHangup ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

/**
 * The listener that the kernel installed for SIGINT: it shuts the kernel down
 * and then exits.
 */
export type KernelShutdown = (signal: 'SIGINT') => void;

/**
 * How long a rejected promise may be without a handler, in ms: the kernel
 * attaches some handlers late.
 */
const REJECTION_GRACE = 1000;

const owned: readonly string[] = [
  ...stopSignals(false),
  'beforeExit',
  'uncaughtException',
  'unhandledRejection',
];

/**
 * Installs agvm's listeners, for the life of the process, and from then on
 * removes listeners that other code adds for the same events, before an event
 * can reach them.
 *
 * @param ignoreHangup whether SIGHUP has no effect; it still has a listener,
 * because without one it would end the process
 * @returns the kernel's own SIGINT listener; undefined until the kernel has
 * added one
 */
export function ownSignals(
  target: NodeJS.Process,
  hooks: SignalHooks,
  ignoreHangup = false,
): () => KernelShutdown | undefined {
  let kernelShutdown: KernelShutdown | undefined;
  let stops = 0;
  if (ignoreHangup) target.on('SIGHUP', () => undefined);
  for (const signal of stopSignals(ignoreHangup)) {
    target.on(signal, () => {
      stops += 1;
      hooks.onStop(signal, stops > 1);
    });
  }
  target.on('uncaughtException', (error) => {
    hooks.onDefect('uncaught exception', error);
  });
  watchRejections(target, hooks);

  target.on('newListener', (event: string, listener: () => void) => {
    if (!owned.includes(event)) {
      return;
    }
    if (event === 'SIGINT') {
      kernelShutdown = listener;
    }
    // The listener is added after this event; signals come from the event loop,
    // so after the microtask.
    queueMicrotask(() => {
      target.off(event, listener);
    });
  });
  return () => kernelShutdown;
}

function watchRejections(target: NodeJS.Process, hooks: SignalHooks): void {
  const waiting = new Map<Promise<unknown>, NodeJS.Timeout>();
  target.on('unhandledRejection', (reason, promise) => {
    // The bridge has closed under the kernel: that ends the VM, and is no defect.
    if (reason instanceof ClosedError) return;
    const timer = setTimeout(() => {
      waiting.delete(promise);
      hooks.onDefect('unhandled rejection', reason);
    }, REJECTION_GRACE);
    waiting.set(promise, timer);
  });
  target.on('rejectionHandled', (promise) => {
    clearTimeout(waiting.get(promise));
    waiting.delete(promise);
  });
}
