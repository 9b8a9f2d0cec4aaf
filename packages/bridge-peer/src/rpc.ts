import {
  RemoteError,
  messageOf,
  type Handler,
  type Json,
  type JsonText,
  type Params,
  type SentParams,
} from '@agd-bridge/bridge';
import type { Notification, Request, Response } from '@agd-bridge/jsonrpc1';
import {
  JSONRPCClient,
  JSONRPCServer,
  createJSONRPCErrorResponse,
  createJSONRPCNotification,
  createJSONRPCRequest,
  createJSONRPCSuccessResponse,
  type JSONRPCResponse,
} from 'json-rpc-2.0';

// Messages of v1 have no error codes; the package requires one.
const CODE = 0;

/**
 * The outcome of a request: the handler's raw result, or its failure's message.
 */
export type Outcome =
  | { readonly ok: true; readonly result: Json | JsonText }
  | { readonly ok: false; readonly message: string };

/** A local reason for rejecting a call, as opposed to the peer's error. */
class Given {
  constructor(readonly reason: Error) {}
}

/**
 * Asynchronous dispatch by the package `json-rpc-2.0`. The package speaks v2
 * and the wire is v1, so this adapter passes v2 messages whose values are raw
 * JSON texts, in both directions. No value is parsed here.
 */
export class Rpc {
  readonly #server = new JSONRPCServer({ errorListener: () => undefined });
  /** Tracks the calls; the caller sends their frames. */
  readonly #client = new JSONRPCClient(() => undefined);

  constructor() {
    this.#server.handleMethodNotFound = ({ method }) =>
      Promise.reject(new RemoteError(`unknown method "${method}"`));
    this.#server.mapErrorToJSONRPCErrorResponse = (id, error) =>
      createJSONRPCErrorResponse(id, CODE, safeMessageOf(error));
  }

  has(method: string): boolean {
    return this.#server.hasMethod(method);
  }

  handle(method: string, handler: Handler): void {
    this.#server.addMethod(method, (params: Params) => handler(params));
  }

  /**
   * Starts the message's handler before it returns; resolves with undefined for
   * a notification. Never rejects.
   */
  async serve(message: Request | Notification): Promise<Outcome | undefined> {
    const { method, params } = message;
    const response = await this.#server.receive(
      message.kind === 'request'
        ? createJSONRPCRequest(message.id, method, params)
        : createJSONRPCNotification(method, params),
    );
    if (response === null) return undefined;
    if (response.error) return { ok: false, message: response.error.message };
    // A handler without a result means null, as in Go.
    return { ok: true, result: (response.result ?? 'null') as Json | JsonText };
  }

  /**
   * Registers a request, which the caller sends; resolves with its raw result.
   */
  request(id: number, method: string, params: SentParams): Promise<Json> {
    const request = createJSONRPCRequest(id, method, params);
    return Promise.resolve(this.#client.requestAdvanced(request)).then(unwrap);
  }

  /** Settles a request with the peer's response. */
  settle({ id, result, error }: Response): void {
    this.#client.receive(
      error === undefined
        ? createJSONRPCSuccessResponse(id, result)
        : createJSONRPCErrorResponse(id, CODE, error),
    );
  }

  /** Rejects a request with a local reason. */
  fail(id: number, reason: Error): void {
    this.#client.receive(
      createJSONRPCErrorResponse(id, CODE, '', new Given(reason)),
    );
  }
}

function unwrap(response: JSONRPCResponse): Json {
  const { error } = response;
  if (!error) return response.result as Json;
  const data: unknown = error.data;
  throw data instanceof Given ? data.reason : new RemoteError(error.message);
}

function safeMessageOf(thrown: unknown): string {
  try {
    return messageOf(thrown);
  } catch {
    return 'the handler threw a value that has no text';
  }
}
