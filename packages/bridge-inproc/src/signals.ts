import { constants } from 'node:os';

import { loadAddon } from './addon.js';

/**
 * Makes every signal handler of this process safe beside Go: sets SA_ONSTACK
 * on those that lack it, and returns their signals' names.
 *
 * Go wants that flag, because a handler without it that runs on a goroutine's
 * small stack writes over the memory beside it. Go sees to the handlers that
 * exist when its library is loaded; call this after later ones: when the first
 * listener of a signal was added, and for SIGCHLD when the first child was
 * spawned. Listeners that stay for good (`process.on('SIGCHLD', …)`) keep
 * their handler, so that one call after them is enough.
 */
export function protectSignalStacks(): string[] {
  return loadAddon().protectSignalStacks();
}

/**
 * Shows signals of this process to Go as well, also while JavaScript is too
 * busy to take them: from now on each is first written to a pipe, as one byte
 * with its number, and then goes its way to Node. Go reads them with
 * `inproc.Signals`.
 *
 * Each of them must have a listener by now, and keep it for good: libuv removes
 * its handler, and ours with it, together with the last one. Call it once.
 *
 * @returns the descriptor to read from, the caller's to pass on
 * @throws {Error} a signal has no listener, or it was called before in this process
 */
export function mirrorSignals(signals: readonly NodeJS.Signals[]): number {
  return loadAddon().mirrorSignals(
    signals.map((signal) => constants.signals[signal]),
  );
}
