/**
 * Checks of params and results, at either end of a bridge, on the raw texts.
 * `typed.ts` does the same on parsed values, with the same messages:
 *
 * | invalid | detected by | effect |
 * |---|---|---|
 * | params | the caller | LocalError `vstorage.Get: params[0]: expected a string`; nothing is sent |
 * | params | the handler's side | the handler does not run; the caller gets a RemoteError `vstorage.Get: params[0]: expected a string` |
 * | result | the handler's side | the caller gets a RemoteError `result: expected a string` |
 * | result | the caller | ProtocolError `vstorage.Get: result: expected a string`; the bridge stays open |
 *
 * A notification with invalid params is dropped without a report.
 */
import type { Caller, Handler, Json, SentParams } from './bridge.js';
import { LocalError, ProtocolError, RemoteError } from './errors.js';
import type { JsonText } from './json-text.js';

/**
 * Checks a parsed value. Returns undefined if the value is valid, else the
 * place and the fault: `[0].name: expected a string` for a place inside the
 * value, in JavaScript's notation, and `expected an array` or `: expected an
 * array` for the value itself. Any schema library can provide one; it must not
 * throw.
 */
export type Check = (value: unknown) => string | undefined;

/** The checks of one method; an omitted one accepts everything. */
export interface MethodChecks {
  /** Receives the array of all params. */
  readonly params?: Check | undefined;
  readonly result?: Check | undefined;
}

/** The checks of methods, by name. A method without an entry is not checked. */
export type Checks<Methods = Record<string, unknown>> = {
  readonly [Method in keyof Methods]?: MethodChecks | undefined;
};

/**
 * A handler that checks its params before `handler` runs, and its result before
 * it is sent. `handler` receives and returns the original texts: only a copy is
 * parsed.
 */
export function checkedHandler(
  method: string,
  checks: MethodChecks,
  handler: Handler,
): Handler {
  return async (params) => {
    const badParams = paramsFault(method, checks, () => params.map(parse));
    if (badParams !== undefined) throw new RemoteError(badParams);
    // Nothing means null, as the bridge sends it.
    const given = (await handler(params)) as Json | JsonText | undefined;
    const result = given ?? 'null';
    const badResult = resultFault(checks, () => parse(result));
    if (badResult !== undefined) throw new RemoteError(badResult);
    return result;
  };
}

/**
 * A caller that checks params before they are sent, and results before they are
 * returned. The texts pass unchanged: only a copy is parsed.
 */
export function checkedCaller(caller: Caller, checks: Checks): Caller {
  const byMethod = new Map(Object.entries(checks));

  const checkParams = (method: string, params: SentParams): void => {
    const fault = paramsFault(method, byMethod.get(method), () =>
      params.map(parse),
    );
    if (fault !== undefined) throw new LocalError(fault);
  };
  const checkResult = (method: string, result: Json): Json => {
    const fault = resultFault(byMethod.get(method), () => parse(result));
    if (fault !== undefined) throw new ProtocolError(`${method}: ${fault}`);
    return result;
  };

  return {
    call: async (method, params, options) => {
      checkParams(method, params);
      return checkResult(method, await caller.call(method, params, options));
    },
    callSync: (method, params) => {
      checkParams(method, params);
      return checkResult(method, caller.callSync(method, params));
    },
    notify: (method, params) => {
      checkParams(method, params);
      caller.notify(method, params);
    },
  };
}

/**
 * The fault of params, as text: `vstorage.Get: params[0]: …`. For `typed.ts`.
 */
export function paramsFault(
  method: string,
  checks: MethodChecks | undefined,
  parsed: () => unknown,
): string | undefined {
  const fault = faultOf('params', checks?.params, parsed);
  return fault === undefined ? undefined : `${method}: ${fault}`;
}

/** The fault of a result, as text: `result: …`. For `typed.ts`. */
export function resultFault(
  checks: MethodChecks | undefined,
  parsed: () => unknown,
): string | undefined {
  return faultOf('result', checks?.result, parsed);
}

function faultOf(
  what: string,
  check: Check | undefined,
  parsed: () => unknown,
): string | undefined {
  if (check === undefined) return undefined;
  let value: unknown;
  try {
    value = parsed();
  } catch (error) {
    // Not JSON: the bridge refuses the text and reports the byte.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const fault = check(value);
  if (fault === undefined) return undefined;
  return /^[.[:]/.test(fault) ? `${what}${fault}` : `${what}: ${fault}`;
}

function parse(text: Json | JsonText): unknown {
  return JSON.parse(typeof text === 'string' ? text : text.text);
}
