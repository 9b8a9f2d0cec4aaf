/**
 * The methods between the service (Go, `internal/service`) and the rules: one
 * schema each for their params and results. The types follow from them, and
 * both ends of this side's calls are checked by them.
 */
import type { Check, MethodChecks, TypedChecks } from '@agd-bridge/bridge';
import { Type, type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

const closed = { additionalProperties: false };
const text = Type.String();
const count = Type.Integer({ minimum: 0 });

/** An order, with its price in cents before any discount. */
export type Order = Static<typeof order>;
const order = Type.Object(
  {
    customer: text,
    lines: Type.Array(Type.Object({ sku: text, count }, closed)),
    subtotal: count,
  },
  closed,
);

/** What the rules make of an order. */
export type Decision = Static<typeof decision>;
const decision = Type.Object(
  {
    accepted: Type.Boolean(),
    discountPercent: Type.Integer({ minimum: 0, maximum: 100 }),
    /** For the client, if it was not accepted. */
    reason: Type.Optional(text),
  },
  closed,
);

export type Customer = Static<typeof customer>;
const customer = Type.Object({ name: text, tier: text }, closed);

/** What Go does for the rules. */
export interface Calls {
  'stock.Level': { params: [sku: string]; result: number };
  'customer.Get': { params: [id: string]; result: Customer };
  /** A notification: somebody wants the service to end. */
  'service.Stop': { params: []; result: null };
}

/** What the rules do for Go. */
export interface Handles {
  'rules.Load': { params: [file: string]; result: null };
  'rules.Evaluate': { params: [order: Order]; result: Decision };
}

export const checks: TypedChecks<Calls, Handles> = {
  calls: {
    'stock.Level': method([text], count),
    'customer.Get': method([text], customer),
  },
  handles: {
    'rules.Load': method([text], Type.Null()),
    'rules.Evaluate': method([order], decision),
  },
};

function method(params: TSchema[], result: TSchema): MethodChecks {
  return { params: checkOf(Type.Tuple(params)), result: checkOf(result) };
}

/** A schema as a check: `[0].lines[2].sku: must be string`. */
function checkOf(schema: TSchema): Check {
  const validator = Compile(schema);
  return (value) => {
    const [fault] = validator.Errors(value);
    if (fault === undefined) return undefined;
    const where = fault.instancePath
      .replaceAll(/\/(\d+)/g, '[$1]')
      .replaceAll('/', '.');
    return `${where}: ${fault.message}`;
  };
}
