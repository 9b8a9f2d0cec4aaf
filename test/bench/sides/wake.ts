import { loadAddon } from '../../../packages/bridge-inproc/dist/addon.js';
import { frames } from '../frames.js';
import { expectEcho, type Side } from '../side.js';
import { timesOf, type Times } from './times.js';

/**
 * The references for the addon: a call into Go that returns its bytes; and
 * wake-ups, where its thread-safe function wakes JavaScript, which wakes the
 * goroutine that called it. The payload has the size of the bridge's frames and
 * is not parsed.
 */
export function openWake(library: string): Side {
  let pong = '';
  let told: ((times: Times) => void) | undefined;
  const handle = loadAddon().open(
    library,
    'null',
    {
      onFrame: (frame) => {
        if (frame.startsWith('{')) told?.(JSON.parse(frame) as Times);
        else handle.send(pong);
      },
      onClosed: () => undefined,
      onExit: () => undefined,
    },
    { maxFrameBytes: 2 ** 26, maxQueuedBytes: 2 ** 28 },
  );
  return {
    downcall: (payload) => {
      const frame = 'x'.repeat(frames('test.Echo', payload).request);
      return {
        call: () => {
          expectEcho(handle.callSync(frame) ?? '', frame);
        },
      };
    },
    upcalls: async (payload, { milliseconds, least, most }) => {
      const { request, response } = frames('js.Echo', payload);
      pong = 'x'.repeat(response);
      const times = new Promise<Times>((resolve) => (told = resolve));
      handle.send(JSON.stringify({ request, milliseconds, least, most }));
      return timesOf(await times);
    },
    close: () => {
      handle.close();
    },
  };
}
