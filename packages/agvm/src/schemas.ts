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
 * as JSON Schema. Both ends check both: agvm with these, agd with
 * `go/vm/methods.json`, which `make schemas` writes from them.
 */

/** What a method takes, as an array, and what it answers. */
export interface MethodSchema {
  readonly params: TSchema;
  readonly result: TSchema;
}

/** agvm → agd: those that stand for a message of the kernel. */
const messageSchemas = {
  ...vstorage,
  ...vbank,
  ...swingset,
  // The kernel's IBC messages are the vats' own; this chain has no IBC.
  'vibc.Send': { params: tuple(any), result: any },
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
/** A downcall that stands for a message of the kernel; `messages.ts` has them. */
export type MessageMethod = keyof typeof messageSchemas;
export type UpcallMethod = keyof Upcalls;
/** An upcall that stands for an action of the kernel; `messages.ts` has them. */
export type ActionMethod = keyof typeof actions;

/** What agvm checks of the downcalls that it makes. */
export const downcallChecks = checksOf(downcallSchemas);

/** What agvm checks of the upcalls that it handles. */
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
