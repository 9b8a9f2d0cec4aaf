import {
  ClosedError,
  LocalError,
  ProtocolError,
  RemoteError,
  checkedCaller,
  checkedHandler,
  messageOf,
  type Caller,
  type Handler,
  type Json,
} from '@agd-bridge/bridge';
import { MAX_VALUES, valueAfter } from '@agd-bridge/jsonrpc1';

import { MAX_TEXT_BYTES, STORE_STATE } from './contract.js';
import { actionOf, toBridge, upcalls, type BridgeCall } from './messages.js';
import type { UpcallMethod } from './schemas.js';
import { RECEIVE, messageFrom, sendUpstream } from './upstream.js';

/** Receives the kernel's response to an action. */
export interface Replier {
  resolve(result: Json): void;
  /**
   * `reason` is what chain-main.js makes of an error: its stack, or else its
   * text.
   */
  reject(reason: string): void;
}

/** The kernel's entry for actions (`fromGo` in cosmic-swingset's src/chain-main.js). */
export type FromGo = (port: number, action: Json, replier: Replier) => void;

/**
 * The chain as the kernel sees it: the object `agcc` that cosmic-swingset's
 * `main` takes.
 */
export interface Agcc {
  /** Connects the kernel. Called once, by the kernel. */
  runAgCosmosDaemon(
    nodePort: number,
    fromGo: FromGo,
    args: readonly string[],
  ): void;
  /**
   * Makes a downcall with a port's number and a message's JSON text; returns
   * the response's JSON text.
   */
  send(port: number, text: Json): Json;
}

/** The checks of both directions, `schemas.ts`. */
export type Schemas = Pick<
  typeof import('./schemas.js'),
  'downcallChecks' | 'upcallChecks'
>;

export interface AdapterOptions {
  /**
   * Loads the checks, which is slow; called once, by the first upcall or by
   * {@link Adapter.agcc}.
   */
  readonly loadSchemas: () => Promise<Schemas>;
  /**
   * The bridge for downcalls. A function, because the bridge is opened with
   * this adapter's handlers; called at the first downcall.
   */
  readonly caller: () => Caller;
  /**
   * Called when the chain is gone or can no longer receive required state. Must
   * start the end of the VM. What the kernel does afterwards has no effect: it
   * commits only when agd asks.
   */
  readonly onLost: (error: Error) => void;
  /** Handles {@link STORE_STATE}. */
  readonly storeState: Handler;
}

export interface Adapter {
  /** The argument to start the kernel with. */
  readonly agcc: () => Promise<Agcc>;
  /**
   * Handlers of all upcalls. Upcalls that arrive before the kernel has
   * connected wait for it, in order.
   */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Resolves if the peer turns out to be upstream's agd. */
  readonly upstream: Promise<void>;
  /** Number of upcalls of upstream's agd without a response. */
  readonly pending: () => number;
}

/** Connects a bridge to the kernel's `agcc`. One adapter serves one kernel. */
export function makeAdapter({
  loadSchemas,
  caller,
  onLost,
  storeState,
}: AdapterOptions): Adapter {
  const kernel = makeKernelPort();
  let send = downcall;
  let becomeUpstream: () => void;
  const upstream = new Promise<void>((resolve) => {
    becomeUpstream = resolve;
  });
  let pending = 0;

  let loading: Promise<Schemas> | undefined;
  let loaded: Schemas | undefined;
  const schemas = async (): Promise<Schemas> =>
    (loading ??= loadSchemas().then((found) => (loaded = found)));

  const handlers: Record<string, Handler> = {};
  const answers = new Map<UpcallMethod, Handler>(
    upcalls.map((row) => [
      row.method,
      (params) => kernel.deliver(actionOf(row, params)),
    ]),
  );
  answers.set(STORE_STATE, storeState);
  for (const [method, answer] of answers) {
    const checked = ({ upcallChecks }: Schemas): Handler =>
      checkedHandler(method, upcallChecks[method], answer);
    let handler: Handler | undefined;
    handlers[method] = (params) => {
      if (loaded) return (handler ??= checked(loaded))(params);
      // All wait for the same promise, so they continue in the order of
      // arrival.
      return schemas().then((found) => checked(found)(params));
    };
  }
  handlers[RECEIVE] = async (params) => {
    send = sendUpstream;
    becomeUpstream();
    const { port, text, needsReply } = messageFrom(params);
    const result = kernel.deliver(text, port);
    if (!needsReply) {
      // A notification has no response; the kernel logs its own failures.
      result.catch(() => undefined);
      return '""';
    }
    pending += 1;
    try {
      return JSON.stringify(await result);
    } finally {
      pending -= 1;
    }
  };

  const agcc = async (): Promise<Agcc> => {
    const { downcallChecks } = await schemas();
    let checked: Caller | undefined;
    return {
      runAgCosmosDaemon: kernel.connect,
      send: (port, text) => {
        try {
          checked ??= checkedCaller(limited(caller()), downcallChecks);
          return send(checked, port, text);
        } catch (error) {
          onLost(error as Error);
          throw error;
        }
      },
    };
  };
  return { agcc, handlers, upstream, pending: () => pending };
}

/**
 * Passes actions to the kernel; until the kernel has connected they wait, in
 * order.
 */
function makeKernelPort() {
  type Kernel = (action: Json, port: number | undefined) => Promise<Json>;
  let connecting = false;
  let kernel: Kernel | undefined;
  let waiting: ((kernel: Kernel) => void)[] = [];

  const connect = (nodePort: number, fromGo: FromGo): void => {
    if (connecting) {
      throw new Error('runAgCosmosDaemon: the kernel is connected already');
    }
    connecting = true;
    const connected: Kernel = async (action, port = nodePort) =>
      new Promise((resolve, reject) => {
        fromGo(port, action, {
          resolve,
          reject: (reason) => {
            reject(new Error(withoutStack(reason)));
          },
        });
      });
    // The kernel connects during its own setup, which must finish first.
    queueMicrotask(() => {
      kernel = connected;
      for (const start of waiting) {
        start(connected);
      }
      waiting = [];
    });
  };

  const deliver = async (action: Json, port?: number): Promise<Json> =>
    kernel
      ? kernel(action, port)
      : new Promise((resolve) => {
          waiting.push((connected) => {
            resolve(connected(action, port));
          });
        });
  return { connect, deliver };
}

/** A downcall refused by this node's own limits. */
class LimitError extends Error {}

/**
 * A caller that ends the VM when a limit is exceeded. The limits are the
 * operator's: on another node the same downcall may succeed, so the failure
 * must not reach a vat.
 */
function limited(caller: Caller): Caller {
  return {
    call: async (method, params, options) =>
      caller.call(method, params, options),
    notify: (method, params) => {
      caller.notify(method, params);
    },
    callSync: (method, params) => {
      try {
        return caller.callSync(method, params);
      } catch (error) {
        if (!(error instanceof LocalError)) throw error;
        throw new LimitError(`${method}: ${error.message}`, { cause: error });
      }
    },
  };
}

/**
 * Makes a downcall. The chain's refusal, and a message unknown to every chain,
 * reach the kernel as the value `{"error":message}`, which vats understand.
 *
 * @throws {Error} and then the VM must end: the bridge is closed, the peer
 * broke the protocol, a limit of this node is too low, or the chain refused the
 * kernel's own state. The kernel ignores that last response, so the two states
 * would diverge.
 */
function downcall(
  bridge: Pick<Caller, 'callSync'>,
  port: number,
  text: Json,
): Json {
  let call: BridgeCall | undefined;
  try {
    call = toBridge(port, text);
    requireRoom(text);
    return bridge.callSync(call.row.method, call.params);
  } catch (error) {
    if (
      error instanceof ClosedError ||
      error instanceof ProtocolError ||
      error instanceof LimitError
    ) {
      throw error;
    }
    const message = messageOf(error);
    if (call?.row.port === 'swingset') {
      const { method } = call.row;
      throw new RemoteError(
        message.startsWith(`${method}: `) ? message : `${method}: ${message}`,
      );
    }
    return JSON.stringify({ error: message });
  }
}

/** @throws {LocalError} the message does not fit into a frame on every node */
function requireRoom(text: Json): void {
  // Its frame has a few values more.
  const most = MAX_VALUES - 16;
  if (valueAfter(text, most) !== undefined) {
    throw new LocalError(
      `the message has more than ${String(most)} values (maxValues)`,
    );
  }
  // A UTF-16 code unit takes at most 3 bytes: short texts need no counting.
  if (text.length * 3 <= MAX_TEXT_BYTES) return;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_TEXT_BYTES) return;
  throw new LocalError(
    `the message has ${String(bytes)} bytes, of at most ${String(MAX_TEXT_BYTES)} (maxTextBytes)`,
  );
}

/**
 * The message of an error's stack. Stacks differ between machines, and what
 * leaves the VM must not. The class name stays unless it is plain `Error`.
 */
export function withoutStack(stack: string): string {
  const trace = stack.search(/\n\s+at \S/);
  const message = trace < 0 ? stack : stack.slice(0, trace);
  return message.replace(/^Error: /, '');
}
