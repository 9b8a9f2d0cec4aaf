/**
 * A bridge whose methods have types: names are known, params and results are
 * values instead of texts. It uses JavaScript's own JSON parser, so numbers
 * beyond its range lose digits. Where texts must arrive as sent, use the {@link
 * Bridge} itself.
 *
 *     interface Calls {
 *       'stock.Level': { params: [sku: string]; result: number };
 *     }
 *     interface Handles {
 *       'rules.Evaluate': { params: [order: Order]; result: Decision };
 *     }
 *     const typed = new TypedBridge<Calls, Handles>(bridge);
 *     typed.handle('rules.Evaluate', async ([order]) => decide(order));
 *     const level = typed.callSync('stock.Level', ['nut']);
 */
import type { Bridge, CallOptions, CloseReason, Json } from './bridge.js';
import {
  paramsFault,
  resultFault,
  type Checks,
  type MethodChecks,
} from './checks.js';
import { LocalError, ProtocolError, RemoteError, messageOf } from './errors.js';
import { JsonText } from './json-text.js';

/**
 * The params and the result of one method: JSON values. A notification has the
 * result `null`.
 */
export interface MethodType {
  /** A tuple, preferably with names: `[order: Order]`. */
  readonly params: readonly unknown[];
  readonly result: unknown;
}

/** A map from names of methods to their types: any `interface` or `type` whose members are of {@link MethodType}. */
export type MethodMap<Methods> = { readonly [M in keyof Methods]: MethodType };

/** A handler's result. Where `Result` includes null, undefined means null. */
export type HandlerResult<Result> =
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- it is a return type
  Result | (null extends Result ? void : never);

/** A {@link Handler} for one method of a map. */
export type TypedHandler<Type extends MethodType> = (
  params: Type['params'],
) => HandlerResult<Type['result']> | Promise<HandlerResult<Type['result']>>;

/**
 * Checks of both directions. Types hold at compile time; these checks hold for
 * what the peer sends.
 */
export interface TypedChecks<Calls, Handles> {
  readonly calls?: Checks<Calls> | undefined;
  readonly handles?: Checks<Handles> | undefined;
}

/**
 * A {@link Bridge} with types. It owns nothing: the bridge may also be used
 * directly, and the bridge's creator closes it.
 *
 * Failures are those of the bridge, and these (`checks.ts` has the table):
 * values that JSON cannot represent (undefined, functions, symbols, bigints,
 * NaN, infinities, cycles) are a LocalError `stock.Level: params[0]: JSON
 * cannot carry undefined` at the caller, and a RemoteError `result: JSON cannot
 * carry a function` if a handler returns them.
 *
 * @typeParam Calls the peer's methods, which this side calls
 * @typeParam Handles this side's methods, which the peer calls
 */
export class TypedBridge<
  Calls extends MethodMap<Calls>,
  Handles extends MethodMap<Handles> = object,
> {
  readonly #bridge: Bridge;
  readonly #calls: ReadonlyMap<string, MethodChecks | undefined>;
  readonly #handles: ReadonlyMap<string, MethodChecks | undefined>;

  constructor(bridge: Bridge, checks?: TypedChecks<Calls, Handles>) {
    this.#bridge = bridge;
    this.#calls = mapOf(checks?.calls);
    this.#handles = mapOf(checks?.handles);
  }

  /**
   * As {@link Bridge.call}. @throws {ProtocolError} `checks` refuse the result
   */
  async call<M extends keyof Calls & string>(
    method: M,
    params: Calls[M]['params'],
    options?: CallOptions,
  ): Promise<Calls[M]['result']> {
    const texts = this.#write(method, params);
    const result = await this.#bridge.call(method, texts, options);
    return this.#read(method, result);
  }

  /**
   * As {@link Bridge.callSync}. @throws {ProtocolError} `checks` refuse the
   * result
   */
  callSync<M extends keyof Calls & string>(
    method: M,
    params: Calls[M]['params'],
  ): Calls[M]['result'] {
    const texts = this.#write(method, params);
    return this.#read(method, this.#bridge.callSync(method, texts));
  }

  /** As {@link Bridge.notify}. */
  notify<M extends keyof Calls & string>(
    method: M,
    params: Calls[M]['params'],
  ): void {
    this.#bridge.notify(method, this.#write(method, params));
  }

  /** As {@link Bridge.handle}; the handler may be asynchronous. */
  handle<M extends keyof Handles & string>(
    method: M,
    handler: TypedHandler<Handles[M]>,
  ): void {
    const checks = this.#handles.get(method);
    this.#bridge.handle(method, async (texts) => {
      const params = texts.map(parse);
      const fault = paramsFault(method, checks, () => params);
      if (fault !== undefined) throw new RemoteError(fault);
      return resultText(checks, await handler(params));
    });
  }

  /** As {@link Bridge.closed}. */
  get closed(): Promise<CloseReason> {
    return this.#bridge.closed;
  }

  /** As {@link Bridge.close}. */
  close(): void {
    this.#bridge.close();
  }

  #write(method: string, params: readonly unknown[]): JsonText[] {
    if (!Array.isArray(params)) {
      throw new LocalError(`${method}: params: expected an array`);
    }
    // Array.from, because map skips holes.
    const texts = Array.from<unknown, JsonText>(params, (param, i) =>
      JsonText.of(param, `${method}: params[${String(i)}]`),
    );
    // Checks the value that the text carries.
    const checks = this.#calls.get(method);
    const fault = paramsFault(method, checks, () =>
      texts.map(({ text }) => parse(text)),
    );
    if (fault !== undefined) throw new LocalError(fault);
    return texts;
  }

  #read<M extends keyof Calls & string>(
    method: M,
    text: Json,
  ): Calls[M]['result'] {
    const result = parse(text);
    const fault = resultFault(this.#calls.get(method), () => result);
    if (fault !== undefined) throw new ProtocolError(`${method}: ${fault}`);
    return result;
  }
}

/** The text of a handler's result; undefined means null. */
function resultText(
  checks: MethodChecks | undefined,
  value: unknown,
): JsonText {
  let text: JsonText;
  try {
    text = JsonText.of(value === undefined ? null : value, 'result');
  } catch (error) {
    throw new RemoteError(messageOf(error));
  }
  const fault = resultFault(checks, () => parse(text.text));
  if (fault !== undefined) throw new RemoteError(fault);
  return text;
}

function mapOf<Methods>(
  checks: Checks<Methods> | undefined,
): ReadonlyMap<string, MethodChecks | undefined> {
  return new Map(Object.entries<MethodChecks | undefined>(checks ?? {}));
}

function parse(text: Json): unknown {
  return JSON.parse(text);
}
