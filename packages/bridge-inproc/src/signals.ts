/// <reference types="node" preserve="true" />

import { constants } from 'node:os';

import { loadAddon } from './addon.js';

/**
 * Makes every signal handler of this process safe beside Go: sets SA_ONSTACK on
 * those that lack it, and returns their signals' names.
 *
 * Go requires that flag: a handler without it that runs on a goroutine's small
 * stack overwrites adjacent memory. Go sets it for the handlers that exist when
 * its library is loaded. Call this after later ones are installed: when the
 * first listener of a signal was added, and for SIGCHLD when the first child
 * was spawned. Permanent listeners (`process.on('SIGCHLD', …)`) keep their
 * handler, so one call after adding them is enough.
 */
export function protectSignalStacks(): string[] {
  return loadAddon().protectSignalStacks().map(nameOf);
}

function nameOf(number: number): string {
  const entries = Object.entries(constants.signals);
  const [name] = entries.find(([, each]) => each === number) ?? [];
  return name ?? `SIG${String(number)}`;
}

/**
 * Mirrors signals of this process to Go, also while JavaScript is busy. From
 * now on each signal is first written to a pipe, as one byte with its number,
 * and then handled by Node. Go reads them with `inproc.Signals`.
 *
 * Each signal must already have a listener, and keep one permanently: with the
 * last listener libuv removes its handler, and the mirror with it. Call it
 * once.
 *
 * @returns the descriptor to read from, owned by the caller
 * @throws {Error} a signal has no listener, or this process called it before
 */
export function mirrorSignals(signals: readonly NodeJS.Signals[]): number {
  return loadAddon().mirrorSignals(
    Object.fromEntries(
      signals.map((signal) => [signal, constants.signals[signal]]),
    ),
  );
}
