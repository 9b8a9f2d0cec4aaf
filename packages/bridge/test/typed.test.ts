// Typed methods over a real bridge.
import {
  LocalError,
  ProtocolError,
  RemoteError,
  TypedBridge,
  type Check,
} from '@agd-bridge/bridge';
import test from 'ava';

import { openPair } from './pair.js';

interface Order {
  readonly id: number;
  readonly lines: readonly string[];
}

interface Calls {
  'test.Echo': { params: [value: unknown]; result: unknown };
  'test.Null': { params: []; result: null };
  'test.Note': { params: [text: string]; result: null };
  'test.Notified': { params: []; result: string[] };
}

interface Handles {
  'js.Total': { params: [order: Order]; result: number };
  'js.Tell': { params: [order: Order]; result: null };
}

const isNumber: Check = (value) =>
  typeof value === 'number' ? undefined : 'expected a number';
const isOrder: Check = (value) => {
  const [order] = value as Partial<Order>[];
  return typeof order?.id === 'number'
    ? undefined
    : '[0].id: expected a number';
};

test('values are sent and received as values', async (t) => {
  const { bridge, sent, close } = await openPair();
  t.teardown(close);
  const typed = new TypedBridge<Calls>(bridge);
  for (const value of [
    null,
    0.1,
    '',
    'é\ud800 ',
    [[], {}],
    { a: { b: [1, null, false] } },
  ]) {
    t.deepEqual(await typed.call('test.Echo', [value]), value);
    t.deepEqual(typed.callSync('test.Echo', [value]), value);
  }
  typed.notify('test.Note', ['a']);
  t.is(sent.at(-1), '{"id":null,"method":"test.Note","params":["a"]}');
  t.deepEqual(typed.callSync('test.Notified', []), ['"a"']);
  t.is(await typed.call('test.Null', []), null);
});

test('dates and undefined members are sent as JSON.stringify converts them', async (t) => {
  const { bridge, close } = await openPair();
  t.teardown(close);
  const typed = new TypedBridge<Calls>(bridge);
  const value = { at: new Date(0), none: undefined };
  t.deepEqual(await typed.call('test.Echo', [value]), {
    at: '1970-01-01T00:00:00.000Z',
  });
  const twice = { a: 1 };
  t.deepEqual(typed.callSync('test.Echo', [[twice, { twice }]]), [
    twice,
    { twice },
  ]);
});

test('values that JSON cannot represent are refused with their path, and nothing is sent', async (t) => {
  const { bridge, sent, close } = await openPair();
  t.teardown(close);
  const typed = new TypedBridge<Calls>(bridge);
  const cycle: Record<string, unknown> = { a: [] };
  cycle['a'] = [1, { cycle }];
  for (const [value, fault] of [
    [undefined, ': JSON cannot carry undefined'],
    [() => 1, ': JSON cannot carry a function'],
    [Symbol('s'), ': JSON cannot carry a symbol'],
    [1n, ': JSON cannot carry a bigint'],
    [NaN, ': JSON cannot carry NaN'],
    [-Infinity, ': JSON cannot carry -Infinity'],
    [{ toJSON: () => undefined }, ': JSON cannot carry undefined'],
    [[1, undefined], '[1]: JSON cannot carry undefined'],
    [{ a: { b: 1 }, c: [{ d: 1n }] }, '.c[0].d: JSON cannot carry a bigint'],
    [{ 'a b': isNumber }, '["a b"]: JSON cannot carry a function'],
    [cycle, '.a[1].cycle: JSON cannot carry a cycle'],
  ] as const) {
    const local = {
      instanceOf: LocalError,
      message: `test.Echo: params[0]${fault}`,
    };
    await t.throwsAsync(typed.call('test.Echo', [value]), local);
    t.throws(() => typed.callSync('test.Echo', [value]), local);
  }
  t.throws(
    () => {
      typed.notify('test.Note', ['a', 1n] as unknown as [string]);
    },
    { message: 'test.Note: params[1]: JSON cannot carry a bigint' },
  );
  t.throws(() => typed.callSync('test.Null', 'text' as unknown as []), {
    instanceOf: LocalError,
    message: 'test.Null: params: expected an array',
  });
  t.deepEqual(sent, []);
});

test('handlers may return values, promises, or nothing for null', async (t) => {
  const { bridge, upcall, close } = await openPair();
  t.teardown(close);
  const typed = new TypedBridge<Calls, Handles>(bridge);
  const told: Order[] = [];
  typed.handle('js.Total', async ([order]) => {
    const extra = await typed.call('test.Echo', [1]);
    return order.lines.length + Number(extra);
  });
  typed.handle('js.Tell', ([order]) => {
    told.push(order);
  });
  const order = '{"id":1,"lines":["a","b"]}';
  t.deepEqual(await upcall('js.Total', order), { result: 3 });
  t.deepEqual(await upcall('js.Tell', order), { result: null });
  t.deepEqual(told, [{ id: 1, lines: ['a', 'b'] }]);
});

test("a handler's failure is a remote error for the peer", async (t) => {
  const { bridge, upcall, close } = await openPair();
  t.teardown(close);
  const typed = new TypedBridge<Calls, Handles>(bridge);
  typed.handle('js.Total', ([{ id }]) => {
    if (id === 0) throw new RangeError('no such order');
    return { id, broken: [1n] } as unknown as number;
  });
  t.deepEqual(await upcall('js.Total', '{"id":0}'), {
    error: 'no such order',
    kind: 'remote',
  });
  t.deepEqual(await upcall('js.Total', '{"id":1}'), {
    error: 'result.broken[0]: JSON cannot carry a bigint',
    kind: 'remote',
  });
});

test('a typed caller applies checks', async (t) => {
  const { bridge, sent, close } = await openPair();
  t.teardown(close);
  const typed = new TypedBridge<Calls>(bridge, {
    calls: {
      'test.Echo': { result: isNumber },
      'test.Note': { params: () => '[0]: expected less' },
    },
  });
  t.throws(
    () => {
      typed.notify('test.Note', ['a']);
    },
    {
      instanceOf: LocalError,
      message: 'test.Note: params[0]: expected less',
    },
  );
  t.deepEqual(sent, []);
  const protocol = {
    instanceOf: ProtocolError,
    message: 'test.Echo: result: expected a number',
  };
  await t.throwsAsync(typed.call('test.Echo', ['1']), protocol);
  t.throws(() => typed.callSync('test.Echo', ['1']), protocol);
  t.is(typed.callSync('test.Echo', [1]), 1);
});

test('checks receive the converted values, not the given ones', async (t) => {
  const { bridge, close } = await openPair();
  t.teardown(close);
  const seen: unknown[] = [];
  const params = (value: unknown) => {
    seen.push(value);
    return undefined;
  };
  const typed = new TypedBridge<Calls>(bridge, {
    calls: { 'test.Echo': { params } },
  });
  typed.callSync('test.Echo', [{ at: new Date(0), none: undefined }]);
  t.deepEqual(seen, [[{ at: '1970-01-01T00:00:00.000Z' }]]);
});

test('a typed handler applies checks', async (t) => {
  const { bridge, upcall, close } = await openPair();
  t.teardown(close);
  const typed = new TypedBridge<Calls, Handles>(bridge, {
    handles: { 'js.Total': { params: isOrder, result: isNumber } },
  });
  let runs = 0;
  typed.handle('js.Total', ([order]) => {
    runs += 1;
    return String(order.id) as unknown as number;
  });
  t.deepEqual(await upcall('js.Total', '{"id":"1"}'), {
    error: 'js.Total: params[0].id: expected a number',
    kind: 'remote',
  });
  t.is(runs, 0);
  t.deepEqual(await upcall('js.Total', '{"id":1}'), {
    error: 'result: expected a number',
    kind: 'remote',
  });
});

test('errors of the bridge pass unchanged', async (t) => {
  const { bridge } = await openPair();
  const typed = new TypedBridge<{ none: { params: []; result: null } }>(bridge);
  await t.throwsAsync(typed.call('none', []), {
    instanceOf: RemoteError,
    message: 'unknown method "none"',
  });
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(typed.call('none', [], { signal })), reason);
  typed.close();
  t.deepEqual(await typed.closed, { kind: 'local', message: 'bridge closed' });
  await bridge.ended;
});
