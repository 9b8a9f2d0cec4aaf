import { loadAddon } from '../../../packages/bridge-inproc/dist/addon.js';
import type { Side } from '../side.js';

/** Calls per batch: one call is shorter than the clock's resolution. */
const TOGETHER = 100;

/** The reference for an addon: a method with nothing to do (it closes a closed bridge). */
export function openEmpty(library: string): Side {
  const nothing = (): void => undefined;
  const handle = loadAddon().open(
    library,
    JSON.stringify({ conformance: true, untraced: true }),
    { onFrame: nothing, onClosed: nothing, onExit: nothing },
    { maxFrameBytes: 1024, maxQueuedBytes: 4096 },
  );
  handle.close();
  return {
    downcall: () => ({
      call: () => {
        handle.close();
      },
      together: TOGETHER,
    }),
    close: nothing,
  };
}
