import { createRequire } from 'node:module';

import { messageOf, type Limits } from '@agd-bridge/bridge';

/**
 * The native part's interface (`src/addon.cc`). A frame is one message as text,
 * without a newline.
 */
export interface Addon {
  open(
    libraryPath: string,
    config: string,
    callbacks: Callbacks,
    limits: Pick<Limits, 'maxFrameBytes' | 'maxQueuedBytes'>,
  ): Handle;
  /** Numbers: not every C library has the names. */
  protectSignalStacks(): number[];
  /** `signals`: numbers by name. */
  mirrorSignals(signals: Readonly<Record<string, number>>): number;
  exec(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ): never;
  dieWithParent(parent: number): boolean;
}

/**
 * Called from the event loop, or from {@link Handle.deliver}, in this order:
 * onFrame any number of times, onClosed once, onExit once. The event loop stays
 * alive until onExit.
 */
export interface Callbacks {
  onFrame(frame: string): void;
  /**
   * `fault`: the rule that a frame of the library broke, if that closed the
   * bridge. `byte`: the offset of invalid UTF-8, the first byte over the limit,
   * or the limit itself. Frames queued before are delivered first.
   */
  onClosed(fault: Fault | '', byte: number): void;
  onExit(exitCode: number, message: string): void;
}

/** Checks that the addon makes before it converts a frame to a string. */
export type Fault = 'maxFrameBytes' | 'maxQueuedBytes' | 'utf8';

/** A frame's text, or its UTF-8, which is read before the method returns. */
export type Frame = string | Uint8Array;

export interface Handle {
  /** False: the bridge is closed. */
  send(frame: Frame): boolean;
  /**
   * Undefined: the bridge was closed before or during the call, or the response
   * broke a rule. onClosed, and the frames before it, are queued by then.
   */
  callSync(frame: Frame): string | undefined;
  /**
   * Calls onFrame and onClosed for the events queued now, without the event
   * loop; never onExit.
   */
  deliver(): void;
  /**
   * Stops the delivery of frames; onClosed and onExit still follow. Idempotent.
   */
  close(): void;
}

const NAME = '@agd-bridge/bridge-inproc';

/**
 * The native part; loaded at the first use, so that split mode needs no
 * compiler.
 */
export function loadAddon(): Addon {
  // package.json has the path: `node --conditions=sanitized` selects the binary
  // of `make test-addon-memory`. Required by the package's name, for bundles.
  const require = createRequire(import.meta.url);
  try {
    return require(`${NAME}/addon`) as Addon;
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n');
    throw new Error(
      `cannot load the addon of ${NAME}: ${reason}: build it with "npm rebuild ${NAME}", ` +
        'or in the repository with "make build"',
    );
  }
}
