import type { TypedBridge } from '@agd-bridge/bridge';

import type { Calls, Customer, Decision, Order } from './methods.js';

/**
 * The calls to the service that a rule may make. Each blocks until Go has
 * responded.
 */
export interface Lookups {
  readonly stock: {
    /** Stock of a product; 0 if it is not on sale. */
    level(sku: string): number;
  };
  readonly customer: {
    /** @throws if there is no such customer */
    get(id: string): Customer;
  };
}

/**
 * The default export of the operator's `rules.mjs`. The client gets the message
 * of what it throws.
 */
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
