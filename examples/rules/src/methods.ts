/**
 * The methods between the service (Go, `internal/service`) and the rules: one
 * schema for each method's params and result. The types are derived from the
 * schemas, and this side checks its calls and handlers with them.
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

/** The rules' decision on an order. */
export type Decision = Static<typeof decision>;
const decision = Type.Object(
  {
    accepted: Type.Boolean(),
    discountPercent: Type.Integer({ minimum: 0, maximum: 100 }),
    /** For the client, if the order was not accepted. */
    reason: Type.Optional(text),
  },
  closed,
);

export type Customer = Static<typeof customer>;
const customer = Type.Object({ name: text, tier: text }, closed);

/** The methods that Go serves. */
export interface Calls {
  'stock.Level': { params: [sku: string]; result: number };
  'customer.Get': { params: [id: string]; result: Customer };
  /** A notification: asks the service to stop. */
  'service.Stop': { params: []; result: null };
}

/** The methods that the rules serve. */
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
