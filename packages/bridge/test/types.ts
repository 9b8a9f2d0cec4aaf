// What the compiler must accept and refuse. The test is `tsc -p
// packages/bridge/test`; nothing here runs.
import type { TypedBridge } from '@agd-bridge/bridge';

interface Order {
  readonly sku: string;
}

interface Calls {
  'stock.Level': { params: [sku: string]; result: number };
  'stock.Reserve': { params: [sku: string, count?: number]; result: boolean };
}

// A type alias does as well as an interface.
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Handles = {
  'rules.Evaluate': { params: [order: Order]; result: 'yes' | 'no' };
  'rules.Reload': { params: []; result: null };
};

/** Accepts only a value of exactly this type. */
function expectType<Expected>() {
  return <Given>(
    value: Given,
    same: [Expected, Given] extends [Given, Expected] ? true : false,
  ): unknown => [value, same];
}

export async function calls(typed: TypedBridge<Calls>): Promise<unknown> {
  expectType<number>()(typed.callSync('stock.Level', ['nut']), true);
  expectType<boolean>()(await typed.call('stock.Reserve', ['nut', 2]), true);
  typed.notify('stock.Reserve', ['nut']);
  await typed.call('stock.Level', ['nut'], {});

  // @ts-expect-error an unknown method
  typed.callSync('stock.Levels', ['nut']);
  // @ts-expect-error a param of another type
  typed.callSync('stock.Level', [1]);
  // @ts-expect-error a missing param
  await typed.call('stock.Level', []);
  // @ts-expect-error a param too many
  typed.notify('stock.Level', ['nut', 1]);
  // @ts-expect-error params are a tuple
  typed.callSync('stock.Level', 'nut');
  // @ts-expect-error a result of another type
  const level: string = typed.callSync('stock.Level', ['nut']);
  // @ts-expect-error this side handles nothing
  typed.handle('stock.Level', () => 1);
  return level;
}

export function handles(typed: TypedBridge<Calls, Handles>): void {
  typed.handle('rules.Evaluate', (params) => {
    expectType<[order: Order]>()(params, true);
    return 'yes';
  });
  typed.handle('rules.Evaluate', ([{ sku }]) =>
    Promise.resolve(sku === '' ? 'no' : 'yes'),
  );
  typed.handle('rules.Reload', () => {
    // Nothing means null.
  });

  // @ts-expect-error a result of another type
  typed.handle('rules.Evaluate', () => 'perhaps');
  // @ts-expect-error a result of another type, later
  typed.handle('rules.Evaluate', () => Promise.resolve(1));
  // @ts-expect-error nothing, where a result is expected
  typed.handle('rules.Evaluate', () => undefined);
  // @ts-expect-error a param that does not come
  typed.handle('rules.Evaluate', ([, other]) => other);
  // @ts-expect-error the peer handles that one
  typed.handle('stock.Level', () => 1);
  // @ts-expect-error we handle that one
  typed.callSync('rules.Reload', []);
}

// @ts-expect-error a method has params and a result
export type Bad = TypedBridge<{ 'stock.Level': { params: [string] } }>;
// @ts-expect-error params are a tuple
export type Worse = TypedBridge<{ a: { params: string; result: null } }>;
