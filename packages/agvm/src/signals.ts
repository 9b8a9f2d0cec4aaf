/**
 * Signals and uncaught errors belong to us, not to the kernel: it installs
 * listeners of its own at INIT, which would end the process in the middle of a
 * block action (SIGTERM), or with success after an uncaught exception.
 */
export interface SignalHooks {
  /** SIGINT, SIGTERM or SIGHUP. `again`: not the first. */
  onStop(signal: StopSignal, again: boolean): void;
  /** An error that nobody caught. The hook should end the process. */
  onDefect(what: string, error: unknown): void;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Those that stop, if SIGHUP does: not where agd was started to outlive its terminal. */
export function stopSignals(ignoreHangup: boolean): readonly StopSignal[] {
  return ignoreHangup ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

/** A listener that the kernel installed for SIGINT: it ends the kernel and then the process. */
export type KernelShutdown = (signal: 'SIGINT') => void;

/** How long a rejected promise may go without a handler, in ms: the kernel attaches some late. */
const REJECTION_GRACE = 1000;

const owned: readonly string[] = [
  ...stopSignals(false),
  'beforeExit',
  'uncaughtException',
  'unhandledRejection',
];

/**
 * Installs our listeners, for the life of the process, and from then on takes
 * out those that others add for the same events: at once, before an event can
 * reach them.
 *
 * @param ignoreHangup whether SIGHUP does nothing: it still has a listener, or it would end the process
 * @returns what the kernel would have done on SIGINT, undefined as long as it has not said
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
    // The listener is added after this; events come from the event loop, so after the microtask.
    queueMicrotask(() => {
      target.off(event, listener);
    });
  });
  return () => kernelShutdown;
}

function watchRejections(target: NodeJS.Process, hooks: SignalHooks): void {
  const waiting = new Map<Promise<unknown>, NodeJS.Timeout>();
  target.on('unhandledRejection', (reason, promise) => {
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
