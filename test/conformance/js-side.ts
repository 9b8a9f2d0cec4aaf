import type { Bridge, Handler, Json, Params } from '@agd-bridge/bridge';

import { writeFile } from 'node:fs';
import { promisify } from 'node:util';

import type { RawOutput } from './backends.js';
import { PASSED } from './case.js';

/** The method that represents a blocking block action, in both directions. */
export const EXCLUSIVE = 'test.Block';

/** A message for the Go side to send. Params are raw JSON texts. */
export interface Outgoing {
  readonly method: string;
  readonly params?: readonly Json[];
  readonly notify?: boolean;
  /** Number of times; default 1. */
  readonly times?: number;
  /** The call is abandoned as soon as it is sent. */
  readonly cancel?: boolean;
}

/** Bytes to write at once, repeated the given number of times. */
export type Chunk =
  string | Uint8Array | { readonly text: string; readonly times: number };

/** A frame as a trace hook saw it. */
export interface Traced {
  readonly direction: 'in' | 'out';
  readonly frame: string;
}

/** How a call of the Go side ended. */
export interface Outcome {
  /** Which of {@link JsSide.start}'s calls. */
  readonly call?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly kind?: string;
}

/**
 * The JavaScript half of the cases: its handlers, their records, and shortcuts
 * to the handlers of the Go half (`go/bridge/bridgetest`).
 */
export class JsSide {
  /** The records of `js.Note` and the other handlers, in order. */
  readonly log: string[] = [];
  readonly frames: Traced[] = [];
  #bridge: Bridge | undefined;
  #outcomes: Outcome[] = [];
  readonly #raw: RawOutput | undefined;
  #waiting: { count: number; wake: () => void } | undefined;

  readonly handlers: Readonly<Record<string, Handler>> = {
    'js.Echo': ([first]) => first ?? 'null',
    'js.Null': () => 'null',
    'js.Throw': ([message]) => {
      throw new Error(JSON.parse(message ?? '""') as string);
    },
    'js.Reject': async ([message]) => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new RangeError(JSON.parse(message ?? '""') as string);
    },
    'js.Broken': () => '[1',
    'js.Note': ([first]) => {
      this.log.push(first ?? '');
      return 'null';
    },
    'js.Hang': () => new Promise<Json>(() => undefined),
    'js.Nested': (params) => this.#nested(params),
    'js.NestedSync': ([first]) => {
      this.log.push('handler starts');
      const result = this.bridge.callSync('test.Echo', [first ?? 'null']);
      this.log.push('handler ends');
      return result;
    },
    [EXCLUSIVE]: ([first]) => first ?? 'null',
    'vbank.BalanceUpdate': ([first]) => {
      this.log.push(first ?? '');
      return 'null';
    },
    'test.Outcome': ([first]) => {
      this.#outcomes.push(JSON.parse(first ?? 'null') as Outcome);
      this.#wakeIfReady();
      return 'null';
    },
  };

  constructor(raw?: RawOutput) {
    this.#raw = raw;
  }

  get bridge(): Bridge {
    if (!this.#bridge) throw new Error('not bound');
    return this.#bridge;
  }

  bind(bridge: Bridge): void {
    this.#bridge = bridge;
  }

  trace(direction: 'in' | 'out', frame: string): void {
    this.frames.push({ direction, frame });
  }

  /**
   * Makes the Go side send these, in order, before the returned promise
   * settles.
   */
  async start(...messages: Outgoing[]): Promise<void> {
    await this.bridge.call('test.Start', [JSON.stringify(messages)]);
  }

  /** The same, within callSync. */
  startSync(...messages: Outgoing[]): void {
    this.bridge.callSync('test.Start', [JSON.stringify(messages)]);
  }

  /**
   * Makes the Go side call from inside a handler; resolves with the call's
   * outcome.
   */
  async upcall(method: string, ...params: Json[]): Promise<Outcome> {
    const message: Outgoing = { method, params };
    const text = await this.bridge.call('test.Upcall', [
      JSON.stringify(message),
    ]);
    return JSON.parse(text) as Outcome;
  }

  /** Writes to the Go side without the bridge, one write for each chunk. */
  rawToGo(...chunks: readonly Chunk[]): void {
    for (const chunk of chunks) {
      const bytes = Buffer.from(bytesOf(chunk));
      this.#raw?.write(
        Buffer.concat(Array<Buffer>(timesOf(chunk)).fill(bytes)),
      );
    }
  }

  /** Makes the Go side do the same; with `then` 'exit', it then exits. */
  rawFromGo(chunks: readonly Chunk[], then: 'go on' | 'exit' = 'go on'): void {
    const method = then === 'exit' ? 'test.RawExit' : 'test.Raw';
    this.bridge.notify(
      method,
      chunks.map((chunk) =>
        JSON.stringify({
          base64: Buffer.from(bytesOf(chunk)).toString('base64'),
          times: timesOf(chunk),
        }),
      ),
    );
  }

  /** Exits as in a crash; the case has passed on JavaScript's side. */
  async die(): Promise<never> {
    await promisify(writeFile)(1, `${PASSED}\n`);
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => undefined);
  }

  /** The id of the newest request of one direction. */
  lastId(direction: 'in' | 'out'): number {
    const frame = this.frames.findLast(
      (traced) =>
        traced.direction === direction &&
        /^\{"id":\d+,"method"/.test(traced.frame),
    );
    return Number(/\d+/.exec(frame?.frame ?? '')?.[0]);
  }

  /**
   * Waits until `count` calls of {@link start} have ended; returns their
   * outcomes in the order of the calls.
   */
  async outcomes(count: number): Promise<Outcome[]> {
    await new Promise<void>((wake) => {
      this.#waiting = { count, wake };
      this.#wakeIfReady();
    });
    return this.#outcomes
      .splice(0, count)
      .sort((a, b) => (a.call ?? 0) - (b.call ?? 0))
      .map((outcome) => {
        const { result, error, kind } = outcome;
        return error === undefined ? { result } : { error, kind: kind ?? '' };
      });
  }

  #wakeIfReady(): void {
    const waiting = this.#waiting;
    if (waiting && this.#outcomes.length >= waiting.count) waiting.wake();
  }

  /** Nests `depth` calls, alternately in Go and JavaScript. */
  async #nested([first]: Params): Promise<Json> {
    const depth = Number(first);
    this.log.push(`in ${String(depth)}`);
    if (depth > 0) {
      const { error } = await this.upcall('js.Nested', String(depth - 1));
      if (error !== undefined) throw new Error(error);
    }
    this.log.push(`out ${String(depth)}`);
    return String(depth);
  }
}

function bytesOf(chunk: Chunk): string | Uint8Array {
  return typeof chunk === 'object' && 'text' in chunk ? chunk.text : chunk;
}

function timesOf(chunk: Chunk): number {
  return typeof chunk === 'object' && 'text' in chunk ? chunk.times : 1;
}
