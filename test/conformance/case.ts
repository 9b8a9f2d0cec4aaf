import type { Bridge, BridgeError, Limits } from '@agd-bridge/bridge';

import type { JsSide } from './js-side.js';

/** The last output of a successful case's process. */
export const PASSED = 'case passed';

/** The Go side's report after JavaScript has closed the bridge. */
export const GO_ENDS = 'go closed: closed: bridge closed by the peer';

/** The part of node:assert/strict that cases use. */
export interface Expect {
  equal(actual: unknown, expected: unknown, message?: string): void;
  deepEqual(actual: unknown, expected: unknown): void;
  throws(run: () => unknown, matches: (error: unknown) => boolean): void;
  rejects(
    promise: Promise<unknown>,
    matches: (error: unknown) => boolean,
  ): Promise<void>;
}

/**
 * One case of the contract in docs/protocol.md. It runs on the Node side, in a
 * process of its own; the Go side is `go/bridge/bridgetest`.
 */
export interface Case {
  readonly name: string;
  /**
   * What both sides see of the case: markdown, for the table in
   * docs/conformance.md.
   */
  readonly outcome: string;
  /** Limits of both sides; those left out have their defaults. */
  readonly limits?: Partial<Limits>;
  /** The case sends its own bytes, with {@link JsSide.rawToGo}. */
  readonly raw?: boolean;
  /** The Go side's report at its end; default {@link GO_ENDS}. */
  readonly goTells?: readonly string[];
  /** Backends on which the case cannot occur, with the reason. */
  readonly notApplicable?: Readonly<Record<string, string>>;
  run(bridge: Bridge, expect: Expect, side: JsSide): Promise<void>;
}

type ErrorClass = new (message: string) => BridgeError;

/** Matches one class and one message, for assert.throws and assert.rejects. */
export function is(errorClass: ErrorClass, message: string) {
  return (error: unknown): boolean => {
    const { constructor, message: got } = error as Error;
    if (constructor === errorClass && got === message) return true;
    throw new Error(
      `expected ${errorClass.name} ${JSON.stringify(message)}, ` +
        `not ${constructor.name} ${JSON.stringify(got)}`,
    );
  };
}
