import path from 'node:path';

import {
  ClosedError,
  LocalError,
  acceptHandshake,
  messageOf,
  type Bridge,
  type Handler,
} from '@agd-bridge/bridge';

import { makeAdapter } from './agcc.js';
import {
  AGD_NAME,
  HANDSHAKE_METHOD,
  STOP_CHAIN,
  STOP_VM,
  STORE_STATE,
  type StopRequest,
  type StopSignal,
} from './contract.js';
import type { DowncallTimer } from './downcall-times.js';
import { databases, startKernel, type KernelOptions } from './kernel.js';
import { upcalls } from './messages.js';
import { readStoreState } from './store-state.js';
import { RECEIVE } from './upstream.js';

/** The VM's options for a bridge. */
export interface Serving {
  readonly peerName: string;
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly requests: readonly string[];
  readonly opening: readonly string[];
}

export interface VmOptions<B extends Bridge> {
  /**
   * Opens the bridge with these options; the handlers must be registered before
   * its first frame.
   */
  readonly open: (serving: Serving) => B;
  /** Name and version for the handshake. */
  readonly software: string;
  /** This process's id, for the handshake: agd may have started a wrapper. */
  readonly pid: number;
  readonly kernel: Omit<KernelOptions, 'agcc'>;
  /** Measures the kernel's downcalls, if the user wants that. */
  readonly timer?: DowncallTimer | undefined;
  /** Called when agd asks the VM to stop. */
  readonly onStopAsked: () => void;
  /** Called when the VM cannot continue; `line` is the reason. */
  readonly onFailure: (line: string) => void;
  /** Called when a downcall fails because agd is gone, before the kernel sees it. */
  readonly onGone: () => void;
}

export interface Vm<B extends Bridge> {
  readonly bridge: B;
  /**
   * Whether the peer is upstream's agd, which announces its end by end-of-file
   * alone.
   */
  readonly isUpstream: () => boolean;
  /** Resolves when the handshake with our own agd is complete. */
  readonly agreed: Promise<void>;
  /** Number of upcalls of upstream's agd without a response. */
  readonly pending: () => number;
  /**
   * Passes a signal on to agd, which decides; returns false if agd cannot be
   * reached.
   */
  readonly stop: (signal: StopSignal, again: boolean) => boolean;
}

/**
 * Connects one kernel to one bridge, for both modes. Failures are passed to
 * `onFailure`.
 */
export function startVm<B extends Bridge>(options: VmOptions<B>): Vm<B> {
  const { open, software, pid, kernel, timer, onStopAsked } = options;
  let spoken: 'nothing yet' | 'protocol' | 'upstream' = 'nothing yet';

  const onFailure = (error: unknown): void => {
    // A closed bridge is handled by its opener, which knows whether the close
    // was requested.
    if (!(error instanceof ClosedError)) options.onFailure(messageOf(error));
  };

  const adapter = makeAdapter({
    // After the handshake, which agd waits for; before the kernel's import,
    // which removes the evaluators that compile the checks.
    loadSchemas: async () => import('./schemas.js'),
    caller: () => bridge,
    onLost: (error) => {
      if (error instanceof ClosedError) options.onGone();
      onFailure(error);
    },
    storeState: ([param = '']) => {
      const { blockHeight } = JSON.parse(param) as { blockHeight: number };
      const state = path.join(homeOf(kernel.args) ?? '', 'data', 'agoric');
      return JSON.stringify(readStoreState(databases(), state, blockHeight));
    },
  });
  const bridge = open({
    peerName: AGD_NAME,
    handlers: {
      ...(timer?.handlers(adapter.handlers) ?? adapter.handlers),
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
    // Upstream's agd makes no handshake; ours may stop the VM before it does.
    opening: [HANDSHAKE_METHOD, RECEIVE, STOP_VM],
  });

  const handshake = acceptHandshake(bridge, software, [STORE_STATE], pid).then(
    () => {
      spoken = 'protocol';
      if (homeOf(kernel.args) === undefined) {
        // Otherwise the kernel would silently keep its state elsewhere.
        throw new LocalError('agd must pass --home with an absolute path');
      }
    },
  );
  const dialect = adapter.upstream.then(() => {
    spoken = 'upstream';
  });
  Promise.race([handshake, dialect])
    .then(async () => {
      const agcc = await adapter.agcc();
      await startKernel({ ...kernel, agcc: timer?.agcc(agcc) ?? agcc });
    })
    .catch((error: unknown) => {
      // After the refusal has been sent.
      setImmediate(onFailure, error);
    });

  return {
    bridge,
    isUpstream: () => spoken === 'upstream',
    agreed: handshake,
    pending: adapter.pending,
    stop: (signal, again) => {
      if (spoken !== 'protocol') {
        return false;
      }
      try {
        const request: StopRequest = again ? { signal, again } : { signal };
        bridge.notify(STOP_CHAIN, [JSON.stringify(request)]);
      } catch (error) {
        // If it is closed, its end is already under way.
        return error instanceof ClosedError;
      }
      return true;
    },
  };
}

/** The last `--home`, in either notation, if it is an absolute path. */
function homeOf(args: readonly string[]): string | undefined {
  const flag = '--home';
  const at = args.findLastIndex(
    (arg) => arg === flag || arg.startsWith(`${flag}=`),
  );
  const arg = args[at];
  const home = arg === flag ? args[at + 1] : arg?.slice(flag.length + 1);
  return home !== undefined && path.isAbsolute(home) ? home : undefined;
}
