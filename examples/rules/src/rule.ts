import type { TypedBridge } from '@agd-bridge/bridge';

import type { Calls, Customer, Decision, Order } from './methods.js';

/** What a rule may ask the service. Every function blocks until Go has answered. */
export interface Lookups {
  readonly stock: {
    /** How many of a product there are; 0 if it is not on sale. */
    level(sku: string): number;
  };
  readonly customer: {
    /** @throws if there is no such customer */
    get(id: string): Customer;
  };
}

/** The default export of the operator's `rules.mjs`. What it throws is told to the client. */
export type Rule = (
  order: Order,
  lookups: Lookups,
) => Decision | Promise<Decision>;

/** The lookups as plain functions, each a synchronous call to Go. */
export function makeLookups(
  service: Pick<TypedBridge<Calls>, 'callSync'>,
): Lookups {
  return {
    stock: { level: (sku) => service.callSync('stock.Level', [sku]) },
    customer: { get: (id) => service.callSync('customer.Get', [id]) },
  };
}
