/**
 * The four kinds of failure. The same failure gives the same class and the
 * same message on every backend, and in Go (`go/bridge/errors.go`).
 */
export type ErrorKind = 'remote' | 'protocol' | 'closed' | 'local';

export abstract class BridgeError extends Error {
  abstract readonly kind: ErrorKind;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** The peer's handler failed. The message is the handler's own, without a stack. */
export class RemoteError extends BridgeError {
  override readonly kind = 'remote';
}

/**
 * The peer broke the wire's rules: the bridge closes. checkedCaller also throws
 * it, for a result that its check refuses; there the bridge stays open and the
 * caller decides.
 */
export class ProtocolError extends BridgeError {
  override readonly kind = 'protocol';
}

/** The bridge is closed, by either side. */
export class ClosedError extends BridgeError {
  override readonly kind = 'closed';
}

/** The caller's own mistake, or a limit of this side. Nothing was sent. */
export class LocalError extends BridgeError {
  override readonly kind = 'local';
}

/** The message of a failure, without its stack, for a thrown value of any type. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
