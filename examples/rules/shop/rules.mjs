// The shop's rules. After an edit, restart the service.
//
// `stock` and `customer` call the service, which is written in Go; each
// function blocks until the result arrives. An error that a rule throws is sent
// to the client with the HTTP status 422.

/** @type {import('../src/rule.js').Rule} */
export default function evaluate(order, { stock, customer }) {
  const buyer = customer.get(order.customer);
  if (buyer.tier === 'blocked') {
    return {
      accepted: false,
      discountPercent: 0,
      reason: `${buyer.name}, please call us`,
    };
  }

  for (const { sku, count } of order.lines) {
    const level = stock.level(sku);
    if (count > level) throw new Error(`only ${level} of ${sku} left`);
  }

  let discountPercent = buyer.tier === 'gold' ? 10 : 0;
  if (order.subtotal >= 100_00) discountPercent += 5;
  return { accepted: true, discountPercent };
}
