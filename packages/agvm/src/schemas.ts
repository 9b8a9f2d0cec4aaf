import type { MethodChecks } from '@agd-bridge/bridge';
import type { Static, TSchema } from 'typebox';

import { makeCheck } from './check.js';
import { kernelStore } from './schemas/kernel-store.js';
import { any, tuple } from './schemas/parts.js';
import { actions, storeState, swingset } from './schemas/swingset.js';
import { vbank } from './schemas/vbank.js';
import { vstorage } from './schemas/vstorage.js';

/**
 * The params and the result of every method between the chain and the kernel,
 * as JSON Schema. Both ends check both: agvm with these schemas, agd with
 * `go/vm/methods.json`, which `make schemas` generates from them.
 */

/** A method's params, as an array, and its result. */
export interface MethodSchema {
  readonly params: TSchema;
  readonly result: TSchema;
}

/** agvm → agd: the methods that correspond to a message of the kernel. */
const messageSchemas = {
  ...vstorage,
  ...vbank,
  ...swingset,
  // The chain's modules check the content of these messages: go/x/vibc,
  // go/x/vlocalchain and go/x/vtransfer.
  'vibc.Send': { params: tuple(any), result: any },
  'vlocalchain.Send': { params: tuple(any), result: any },
  'vtransfer.Send': { params: tuple(any), result: any },
} satisfies Record<string, MethodSchema>;

/** agvm → agd. */
export const downcallSchemas = {
  ...messageSchemas,
  ...kernelStore,
} satisfies Record<string, MethodSchema>;

/** agd → agvm. */
export const upcallSchemas = { ...actions, ...storeState } satisfies Record<
  string,
  MethodSchema
>;

type Methods<Schemas extends Record<string, MethodSchema>> = {
  [M in keyof Schemas]: {
    params: Static<Schemas[M]['params']>;
    result: Static<Schemas[M]['result']>;
  };
};

/** The types of the downcalls' params and results. */
export type Downcalls = Methods<typeof downcallSchemas>;

/** The types of the upcalls' params and results. */
export type Upcalls = Methods<typeof upcallSchemas>;

export type DowncallMethod = keyof Downcalls;
/**
 * A downcall that corresponds to a message of the kernel; listed in
 * `messages.ts`.
 */
export type MessageMethod = keyof typeof messageSchemas;
export type UpcallMethod = keyof Upcalls;
/**
 * An upcall that corresponds to an action of the kernel; listed in
 * `messages.ts`.
 */
export type ActionMethod = keyof typeof actions;

/** The checks of the downcalls that agvm makes. */
export const downcallChecks = checksOf(downcallSchemas);

/** The checks of the upcalls that agvm handles. */
export const upcallChecks = checksOf(upcallSchemas);

function checksOf<Method extends string>(
  schemas: Readonly<Record<Method, MethodSchema>>,
): Readonly<Record<Method, MethodChecks>> {
  const checks = Object.entries<MethodSchema>(schemas).map(
    ([method, { params, result }]) => [
      method,
      { params: makeCheck(params), result: makeCheck(result) },
    ],
  );
  return Object.fromEntries(checks) as Record<Method, MethodChecks>;
}
