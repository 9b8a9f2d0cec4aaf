// Checks on raw texts, over a real bridge.
import {
  LocalError,
  ProtocolError,
  RemoteError,
  checkedCaller,
  checkedHandler,
  type Check,
} from '@agd-bridge/bridge';
import test from 'ava';

import { openPair } from './pair.js';

const isString: Check = (value) =>
  typeof value === 'string' ? undefined : 'expected a string';

const oneString: Check = (value) =>
  isString((value as unknown[])[0]) && '[0]: expected a string';

test('a caller with checks sends valid params and returns results unchanged', async (t) => {
  const { bridge, sent, close } = await openPair();
  t.teardown(close);
  const any = { params: () => undefined, result: () => undefined };
  const caller = checkedCaller(bridge, { 'test.Echo': any });
  for (const text of [
    '1e400',
    '9007199254740993',
    '"\\ud800"',
    '{"a":0,"a":1}',
  ]) {
    t.is(await caller.call('test.Echo', [text]), text);
    t.is(caller.callSync('test.Echo', [text]), text);
  }
  caller.notify('test.Note', ['-0']);
  t.is(sent.at(-1), '{"id":null,"method":"test.Note","params":[-0]}');
});

test('a caller refuses invalid params and sends nothing', async (t) => {
  const { bridge, sent, close } = await openPair();
  t.teardown(close);
  const caller = checkedCaller(bridge, {
    'test.Echo': { params: oneString },
    'test.Note': { params: isString },
    'test.Null': { params: () => ': expected one element' },
  });
  const local = {
    instanceOf: LocalError,
    message: 'test.Echo: params[0]: expected a string',
  };
  await t.throwsAsync(caller.call('test.Echo', ['1']), local);
  t.throws(() => caller.callSync('test.Echo', ['1']), local);
  t.throws(
    () => {
      caller.notify('test.Note', ['"a"']);
    },
    { ...local, message: 'test.Note: params: expected a string' },
  );
  t.throws(() => caller.callSync('test.Null', []), {
    ...local,
    message: 'test.Null: params: expected one element',
  });
  t.throws(() => caller.callSync('test.Echo', ['{']), {
    ...local,
    message: /^params\[0\]: byte 1: /,
  });
  t.deepEqual(sent, []);
});

test('a caller refuses an invalid result, and the bridge stays open', async (t) => {
  const { bridge, close } = await openPair();
  t.teardown(close);
  const caller = checkedCaller(bridge, {
    'test.Echo': { result: isString },
    'test.Null': { result: (value) => oneString([value]) },
  });
  const protocol = {
    instanceOf: ProtocolError,
    message: 'test.Echo: result: expected a string',
  };
  await t.throwsAsync(caller.call('test.Echo', ['1']), protocol);
  t.throws(() => caller.callSync('test.Echo', ['1']), protocol);
  t.throws(() => caller.callSync('test.Null', []), {
    ...protocol,
    message: 'test.Null: result[0]: expected a string',
  });
  t.is(caller.callSync('test.Echo', ['"a"']), '"a"');
});

test('methods without checks pass, with any name', async (t) => {
  const { bridge, close } = await openPair();
  t.teardown(close);
  const caller = checkedCaller(bridge, { 'test.Echo': {} });
  t.is(caller.callSync('test.Echo', ['1']), '1');
  t.is(caller.callSync('test.Null', []), 'null');
  for (const name of ['constructor', '__proto__']) {
    t.throws(() => caller.callSync(name, []), {
      instanceOf: RemoteError,
      message: `unknown method "${name}"`,
    });
  }
});

test('a handler with checks runs only for valid params, and receives their text', async (t) => {
  const { bridge, upcall, close } = await openPair();
  t.teardown(close);
  const seen: (readonly string[])[] = [];
  bridge.handle(
    'js.Take',
    checkedHandler('js.Take', { params: oneString }, (params) => {
      seen.push(params);
      return '9007199254740993';
    }),
  );
  t.deepEqual(await upcall('js.Take', '1'), {
    error: 'js.Take: params[0]: expected a string',
    kind: 'remote',
  });
  await upcall('js.Take', '"\\u0061"', '1e400');
  t.deepEqual(seen, [['"\\u0061"', '1e400']]);
});

test("a handler's invalid result is a remote error for the peer", async (t) => {
  const { bridge, upcall, close } = await openPair();
  t.teardown(close);
  const results = {
    'js.Number': () => '1',
    'js.Later': () => Promise.resolve('[]'),
    'js.Nothing': () => undefined as unknown as string,
    'js.Broken': () => '{',
    'js.Good': () => '"a"',
  };
  for (const [method, handler] of Object.entries(results)) {
    bridge.handle(
      method,
      checkedHandler(method, { result: isString }, handler),
    );
  }
  const bad = { error: 'result: expected a string', kind: 'remote' };
  t.deepEqual(await upcall('js.Number'), bad);
  t.deepEqual(await upcall('js.Later'), bad);
  t.deepEqual(await upcall('js.Nothing'), bad);
  t.deepEqual(await upcall('js.Broken'), {
    error: 'result: byte 1: expected a member name',
    kind: 'remote',
  });
  t.deepEqual(await upcall('js.Good'), { result: 'a' });
});
