import path from 'node:path';

import {
  ClosedError,
  HANDSHAKE_METHOD,
  LocalError,
  acceptHandshake,
  messageOf,
  type Bridge,
  type Handler,
} from '@agd-bridge/bridge';

import { STORE_STATE, makeAdapter } from './agcc.js';
import { databases, startKernel, type KernelOptions } from './kernel.js';
import { upcalls } from './messages.js';
import type { StopSignal } from './signals.js';
import { readStoreState } from './store-state.js';
import { RECEIVE } from './upstream.js';

/** agd → agvm, a notification: end. */
export const STOP_VM = 'agvm.Stop';

/** agvm → agd, a notification with `{"signal":"SIGTERM"}`, and `"again":true` if it is not the first: end. */
export const STOP_CHAIN = 'agd.Stop';

/** What the VM serves, as options of a bridge. */
export interface Serving {
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly requests: readonly string[];
  readonly opening: readonly string[];
}

export interface VmOptions<B extends Bridge> {
  /** Opens the bridge with these options; its first frame must find the handlers. */
  readonly open: (serving: Serving) => B;
  /** Name and version for the handshake. */
  readonly software: string;
  /** Ours, for the handshake: agd may have started a wrapper. */
  readonly pid: number;
  readonly kernel: Omit<KernelOptions, 'agcc'>;
  /** agd asked the VM to end. */
  readonly onStopAsked: () => void;
  /** The VM cannot go on; the line says why. */
  readonly onFailure: (line: string) => void;
}

export interface Vm<B extends Bridge> {
  readonly bridge: B;
  /** Whether agd's end is announced by end-of-file alone, as upstream's is. */
  readonly isUpstream: () => boolean;
  /** Passes a signal on to agd, who decides; false if agd cannot be told. */
  readonly stop: (signal: StopSignal, again: boolean) => boolean;
}

/** Connects one kernel to one bridge: what both modes share. Failures go to `onFailure`. */
export function startVm<B extends Bridge>(options: VmOptions<B>): Vm<B> {
  const { open, software, pid, kernel, onStopAsked } = options;
  let spoken: 'nothing yet' | 'protocol' | 'upstream' = 'nothing yet';

  const onFailure = (error: unknown): void => {
    // A closed bridge is its own opener's business, who knows whether it was asked for.
    if (!(error instanceof ClosedError)) options.onFailure(messageOf(error));
  };

  const adapter = makeAdapter({
    // After the handshake, which agd waits for; before the kernel's import,
    // which takes away what the checks are compiled with.
    loadSchemas: async () => import('./schemas.js'),
    caller: () => bridge,
    onLost: onFailure,
    storeState: ([param = '']) => {
      const { blockHeight } = JSON.parse(param) as { blockHeight: number };
      const state = path.join(homeOf(kernel.args) ?? '', 'data', 'agoric');
      return JSON.stringify(readStoreState(databases(), state, blockHeight));
    },
  });
  const bridge = open({
    handlers: {
      ...adapter.handlers,
      [STOP_VM]: () => {
        onStopAsked();
        return 'null';
      },
    },
    requests: [
      HANDSHAKE_METHOD,
      STORE_STATE,
      ...upcalls.map(({ method }) => method),
    ],
    // Upstream's agd shakes no hands; ours may end the VM before it does.
    opening: [HANDSHAKE_METHOD, RECEIVE, STOP_VM],
  });

  const handshake = acceptHandshake(bridge, software, [STORE_STATE], pid).then(
    () => {
      spoken = 'protocol';
      if (homeOf(kernel.args) === undefined) {
        // The kernel would quietly keep its state somewhere else.
        throw new LocalError('agd must pass --home with an absolute path');
      }
    },
  );
  const dialect = adapter.upstream.then(() => {
    spoken = 'upstream';
  });
  Promise.race([handshake, dialect])
    .then(async () => startKernel({ ...kernel, agcc: await adapter.agcc() }))
    .catch((error: unknown) => {
      // After the refusal has left.
      setImmediate(onFailure, error);
    });

  return {
    bridge,
    isUpstream: () => spoken === 'upstream',
    stop: (signal, again) => {
      if (spoken !== 'protocol') {
        return false;
      }
      try {
        bridge.notify(STOP_CHAIN, [
          JSON.stringify(again ? { signal, again } : { signal }),
        ]);
      } catch (error) {
        // Closed: then its end is under way.
        return error instanceof ClosedError;
      }
      return true;
    },
  };
}

/** The last `--home`, in either way to write it, if it is an absolute path. */
function homeOf(args: readonly string[]): string | undefined {
  const flag = '--home';
  const at = args.findLastIndex(
    (arg) => arg === flag || arg.startsWith(`${flag}=`),
  );
  const arg = args[at];
  const home = arg === flag ? args[at + 1] : arg?.slice(flag.length + 1);
  return home !== undefined && path.isAbsolute(home) ? home : undefined;
}
