import { createRequire } from 'node:module';

import type { Memory } from './memory.js';

/**
 * What became of a frame that was to be sent, and answered: the text of the
 * one frame that came; the bytes that came, if they are anything else; or how
 * far it got. Only short frames get farther than {@link UNSENT}.
 */
export type Exchanged = string | Uint8Array | typeof UNSENT | typeof SENT;

/** Nothing was written. */
export const UNSENT = 0;
/** It was written; what came is still to be read. */
export const SENT = 1;

/** A pipe's end that blocks, and one that does not, which stay the caller's. */
export interface Pipes {
  exchange(frame: string): Exchanged;
}

/** This package's addon (`src/addon.cc`). */
export interface Addon {
  readonly Memory: new (fd: number) => Memory;
  readonly Pipes: new (readFd: number, writeFd: number) => Pipes;
}

/** @throws Error it is not built */
export function loadAddon(): Addon {
  // package.json says where it is: `node --conditions=sanitized` takes the
  // binary of `make test-addon-memory`. By the package's name, for bundles.
  const require = createRequire(import.meta.url);
  return require('@agd-bridge/bridge-split/addon') as Addon;
}
