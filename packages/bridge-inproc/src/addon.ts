import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { Limits } from '@agd-bridge/bridge';

/**
 * What the native part offers (`src/addon.cc`). A frame is one message as
 * text, without a newline.
 */
export interface Addon {
  open(
    libraryPath: string,
    config: string,
    callbacks: Callbacks,
    limits: Pick<Limits, 'maxFrameBytes' | 'maxQueuedBytes'>,
  ): Handle;
  protectSignalStacks(): string[];
  mirrorSignals(numbers: readonly number[]): number;
  exec(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ): never;
  dieWithParent(parent: number): boolean;
}

/**
 * Called from the event loop, or from {@link Handle.deliver}, in this order: onFrame any number of times,
 * onClosed once, onExit once. The event loop stays alive until onExit.
 */
export interface Callbacks {
  onFrame(frame: string): void;
  /**
   * Fault: the rule that a frame of the library broke, if that was the end.
   * byte: where the frame is not valid UTF-8; which byte of it was too much;
   * the limit. The queue delivers what it had before.
   */
  onClosed(fault: Fault | '', byte: number): void;
  onExit(exitCode: number, message: string): void;
}

/** What the addon checks of a frame before a string is made of it. */
export type Fault = 'maxFrameBytes' | 'maxQueuedBytes' | 'utf8';

export interface Handle {
  /** False: the bridge is closed. */
  send(frame: string): boolean;
  /**
   * Undefined: the bridge is closed, closed meanwhile, or the answer broke a
   * rule; onClosed, and the frames before it, are queued by then.
   */
  callSync(frame: string): string | undefined;
  /** Calls onFrame and onClosed for what is queued now, without the event loop; onExit never. */
  deliver(): void;
  /** No frame is delivered from here on; onClosed and onExit are. Safe to repeat. */
  close(): void;
}

const NAME = '@agd-bridge/bridge-inproc';

/** The native part; loaded at the first use, so that split mode needs no compiler. */
export function loadAddon(): Addon {
  // package.json says where it is: `node --conditions=sanitized` takes the
  // binary of `make test-addon-memory`. By the package's name, for bundles.
  const require = createRequire(import.meta.url);
  try {
    return require(`${NAME}/addon`) as Addon;
  } catch (error) {
    const main = dirname(require.resolve(NAME));
    const file = join(main, '..', 'build', 'Release', 'agdbridge.node');
    const [reason] = String(
      error instanceof Error ? error.message : error,
    ).split('\n');
    throw new Error(
      `cannot load the addon ${file}: ${reason ?? ''}; ` +
        'build it with "npm run build:addon -w packages/bridge-inproc"',
    );
  }
}
