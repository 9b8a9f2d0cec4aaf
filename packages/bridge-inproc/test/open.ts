import { acceptHandshake } from '@agd-bridge/bridge';

import { openInproc, type InprocOptions } from '../src/index.js';
import { goLibrary } from './libraries.js';

/** What libbridgepeer takes (go/bridge/cmd/libbridgepeer/main.go). */
export interface PeerConfig {
  Refuse?: string;
  Farewell?: string;
  /** Where mirrorSignals writes. */
  Signals?: number;
  Limits?: { MaxQueuedBytes?: number };
}

/** A bridge to the Go test library, after the handshake. */
export async function openPeer(
  config: PeerConfig = {},
  options: Partial<InprocOptions> = {},
) {
  const bridge = openInproc({ library: goLibrary, config, ...options });
  await acceptHandshake(bridge, 'test');
  await bridge.call('program.Echo', ['0']); // our response has reached the program
  return bridge;
}
