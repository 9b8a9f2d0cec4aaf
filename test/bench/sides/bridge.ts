import { JsonText, acceptHandshake } from '@agd-bridge/bridge';

import type { Backend } from '../../conformance/backends.js';
import { expectEcho, type Side } from '../side.js';
import { loadOf, timesOf, type Times } from './times.js';

/** A backend of the bridge, with the Go peer of the conformance cases. */
export async function openBridge(backend: Backend): Promise<Side> {
  let told: ((times: Times) => void) | undefined;
  const config = { limits: {}, untraced: true };
  const bridge = await backend.open(
    {
      handlers: {
        'js.Echo': ([value]) => value ?? 'null',
        'test.Times': ([times]) => {
          told?.(JSON.parse(times ?? 'null') as Times);
          return 'null';
        },
      },
    },
    config,
    process.env,
  );
  await acceptHandshake(bridge, 'bench');
  return {
    downcall: (payload) => {
      const params = [JsonText.parse(payload)];
      return {
        call: () => {
          expectEcho(bridge.callSync('test.Echo', params), payload);
        },
      };
    },
    asyncDowncall: (payload) => {
      const params = [JsonText.parse(payload)];
      return async () => {
        expectEcho(await bridge.call('test.Echo', params), payload);
      };
    },
    upcalls: async (payload, slice) => {
      const times = new Promise<Times>((resolve) => (told = resolve));
      await bridge.call('test.Time', [loadOf(payload, slice, 'js.Echo')]);
      return timesOf(await times);
    },
    close: () => {
      bridge.close();
    },
  };
}
