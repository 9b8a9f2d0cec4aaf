import {
  ClosedError,
  LocalError,
  RemoteError,
  type Bridge,
  type BridgeError,
  type Json,
} from '@agd-bridge/bridge';

import { EXCLUSIVE, type JsSide, type Outgoing } from './js-side.js';

/** The part of node:assert/strict that cases use. */
export interface Expect {
  equal(actual: unknown, expected: unknown, message?: string): void;
  deepEqual(actual: unknown, expected: unknown): void;
  throws(run: () => unknown, matches: (error: unknown) => boolean): void;
  rejects(
    promise: Promise<unknown>,
    matches: (error: unknown) => boolean,
  ): Promise<void>;
}

/**
 * One case of the contract in docs/protocol.md. It runs on the Node side, in a
 * process of its own; the Go side is `go/bridge/bridgetest`.
 */
export interface Case {
  readonly name: string;
  /** Backends on which the case cannot occur, with the reason. */
  readonly notApplicable?: Readonly<Record<string, string>>;
  run(bridge: Bridge, expect: Expect, side: JsSide): Promise<void>;
}

type ErrorClass = new (message: string) => BridgeError;

/** Matches one class and one message, for assert.throws and assert.rejects. */
function is(errorClass: ErrorClass, message: string) {
  return (error: unknown): boolean => {
    const { constructor, message: got } = error as Error;
    if (constructor === errorClass && got === message) return true;
    throw new Error(
      `expected ${errorClass.name} ${JSON.stringify(message)}, ` +
        `not ${constructor.name} ${JSON.stringify(got)}`,
    );
  };
}

const MiB = 1024 * 1024;

/** A JSON string of so many bytes. */
function large(bytes: number): Json {
  return `"${'x'.repeat(bytes - 2)}"`;
}

/** One value through every way there is, both directions. */
async function everyWay(
  bridge: Bridge,
  expect: Expect,
  side: JsSide,
  value: Json,
): Promise<void> {
  expect.equal(await bridge.call('test.Echo', [value]), value);
  expect.equal(bridge.callSync('test.Echo', [value]), value);
  await side.start({ method: 'js.Note', params: [value], notify: true });
  expect.equal(side.log.pop(), value);
  bridge.notify('test.Note', [value]);
  const notes = JSON.parse(bridge.callSync('test.Notified', [])) as Json[];
  expect.equal(notes.at(-1), value);
  const echoed = { method: 'js.Echo', params: [value] };
  const outcome = await bridge.call('test.Upcall', [JSON.stringify(echoed)]);
  expect.equal(outcome, `{"result":${value}}`);
}

const basic: Case[] = [
  {
    name: 'a call and a callSync get their results',
    async run(bridge, expect) {
      expect.equal(await bridge.call('test.Echo', ['{"a":[1]}']), '{"a":[1]}');
      expect.equal(bridge.callSync('test.Echo', ['"x"']), '"x"');
    },
  },
  {
    name: 'Go calls JavaScript',
    async run(_bridge, expect, side) {
      expect.deepEqual(await side.upcall('js.Echo', '1'), { result: 1 });
    },
  },
  {
    name: 'a null result is a result',
    async run(bridge, expect, side) {
      expect.equal(await bridge.call('test.Null', []), 'null');
      expect.equal(bridge.callSync('test.Null', []), 'null');
      expect.deepEqual(await side.upcall('js.Null'), { result: null });
    },
  },
  {
    name: 'notifications arrive and have no answer',
    async run(bridge, expect, side) {
      bridge.notify('test.Note', ['1']);
      bridge.notify('test.Note', ['2']);
      expect.equal(bridge.callSync('test.Notified', []), '["1","2"]');
      await side.start({ method: 'js.Note', params: ['3'], notify: true });
      expect.deepEqual(side.log, ['3']);
    },
  },
  {
    name: 'a notification without a handler, or whose handler fails, is dropped',
    async run(bridge, expect, side) {
      bridge.notify('no.Such', []);
      bridge.notify('test.Fail', ['"x"']);
      bridge.notify('test.Panic', ['"x"']);
      expect.equal(bridge.callSync('test.Echo', ['1']), '1');
      await side.start(
        { method: 'no.Such', notify: true },
        { method: 'js.Throw', params: ['"x"'], notify: true },
        { method: 'js.Reject', params: ['"x"'], notify: true },
      );
      expect.deepEqual(await side.upcall('js.Echo', '1'), { result: 1 });
    },
  },
];

const failures: Case[] = [
  {
    name: 'a Go handler that fails or panics is a remote error with its message alone',
    async run(bridge, expect) {
      const message = 'no <funds> & "such"\n\ttext: é 😀 \u2028 \u0000';
      const param = JSON.stringify(message);
      for (const method of ['test.Fail', 'test.Panic']) {
        const failure = is(RemoteError, message);
        await expect.rejects(bridge.call(method, [param]), failure);
        expect.throws(() => bridge.callSync(method, [param]), failure);
      }
      await expect.rejects(
        bridge.call('test.Fail', ['""']),
        is(RemoteError, ''),
      );
    },
  },
  {
    name: 'a JavaScript handler that throws or rejects is a remote error with its message alone',
    async run(_bridge, expect, side) {
      const message = 'no <funds> & "such"\n\ttext: é 😀 \u2028 \u0000';
      const failure = { error: message, kind: 'remote' };
      const param = JSON.stringify(message);
      expect.deepEqual(await side.upcall('js.Throw', param), failure);
      expect.deepEqual(await side.upcall('js.Reject', param), failure);
    },
  },
  {
    name: 'an unknown method is a remote error',
    async run(bridge, expect, side) {
      for (const method of ['no.Such', '__proto__', 'constructor', 'é"\\']) {
        const message = `unknown method "${method}"`;
        const failure = is(RemoteError, message);
        await expect.rejects(bridge.call(method, []), failure);
        expect.throws(() => bridge.callSync(method, []), failure);
        const outcome = { error: message, kind: 'remote' };
        expect.deepEqual(await side.upcall(method), outcome);
      }
    },
  },
  {
    name: 'a result that is not JSON is a remote error',
    async run(bridge, expect, side) {
      const go = is(RemoteError, 'result: byte 1: expected a member name');
      await expect.rejects(bridge.call('test.Broken', []), go);
      expect.throws(() => bridge.callSync('test.Broken', []), go);
      expect.deepEqual(await side.upcall('js.Broken'), {
        error: 'result: byte 2: expected "," or "]"',
        kind: 'remote',
      });
    },
  },
  {
    name: 'bad arguments are local errors, and nothing is sent',
    async run(bridge, expect, side) {
      const sent = side.frames.length;
      for (const [method, params, message] of [
        ['', [], 'method must be a non-empty string'],
        ['m', [''], 'params[0]: byte 0: expected a value'],
        [
          'm',
          ['1', '"é" x'],
          'params[1]: byte 5: expected the end of the value',
        ],
        [
          'm',
          ['1],"x":[2'],
          'params[0]: byte 1: expected the end of the value',
        ],
        [
          'm',
          ['[1,\n2]'],
          'params[0]: byte 3: expected no line break between tokens',
        ],
      ] as const) {
        const failure = is(LocalError, message);
        await expect.rejects(bridge.call(method, params), failure);
        expect.throws(() => bridge.callSync(method, params), failure);
        expect.throws(() => {
          bridge.notify(method, params);
        }, failure);
        expect.equal(side.frames.length, sent);
      }
      expect.deepEqual(await side.upcall('m', '1', '"é" x'), {
        error: 'params[1]: byte 5: expected the end of the value',
        kind: 'local',
      });
      expect.deepEqual(await side.upcall('', '1'), {
        error: 'method must be a non-empty string',
        kind: 'local',
      });
    },
  },
  {
    name: 'a second handler of a method is a local error',
    async run(bridge, expect) {
      expect.throws(
        () => {
          bridge.handle('js.Echo', () => 'null');
        },
        is(LocalError, 'method "js.Echo" already has a handler'),
      );
      const twice = JSON.parse(
        await bridge.call('test.HandleTwice', []),
      ) as unknown;
      expect.deepEqual(twice, {
        error: 'method "test.Echo" already has a handler',
        kind: 'local',
      });
    },
  },
  {
    name: 'a second block action while one runs is a local error',
    async run(bridge, expect, side) {
      const busy = 'a block action is already running';
      const controller = new AbortController();
      const { signal } = controller;
      const first = bridge.call(EXCLUSIVE, [], { signal });
      await expect.rejects(bridge.call(EXCLUSIVE, []), is(LocalError, busy));
      expect.throws(() => bridge.callSync(EXCLUSIVE, []), is(LocalError, busy));
      expect.equal(await bridge.call('test.Echo', ['1']), '1');
      await expect.rejects(
        first,
        is(RemoteError, `unknown method "${EXCLUSIVE}"`),
      );
      const blocks = { method: EXCLUSIVE, params: ['1'] };
      side.startSync(blocks, blocks, { method: 'js.Echo', params: ['2'] });
      const outcomes = await side.outcomes(3);
      expect.deepEqual(
        outcomes.filter((o) => o.error !== undefined),
        [{ error: busy, kind: 'local' }],
      );
      side.startSync(blocks);
      expect.deepEqual(await side.outcomes(1), [{ result: 1 }]);
    },
  },
];

const order: Case[] = [
  {
    name: '100 notifications and a call are handled in the order sent',
    async run(bridge, expect, side) {
      const numbers = Array.from({ length: 100 }, (_, i) => String(i));
      for (const n of numbers) bridge.notify('test.Note', [n]);
      const notified = JSON.parse(
        await bridge.call('test.Notified', []),
      ) as unknown;
      expect.deepEqual(notified, numbers);
      await side.start(
        ...numbers.map((n) => ({
          method: 'js.Note',
          params: [n],
          notify: true,
        })),
      );
      expect.deepEqual(side.log, numbers);
    },
  },
  {
    name: 'notifications, calls and callSyncs keep one order',
    async run(bridge, expect) {
      const pending: Promise<Json>[] = [];
      for (let i = 0; i < 90; i += 3) {
        bridge.notify('test.Note', [String(i)]);
        pending.push(bridge.call('test.Note', [String(i + 1)]));
        bridge.callSync('test.Note', [String(i + 2)]);
      }
      await Promise.all(pending);
      const notified = JSON.parse(
        bridge.callSync('test.Notified', []),
      ) as unknown;
      expect.deepEqual(
        notified,
        Array.from({ length: 90 }, (_, i) => String(i)),
      );
    },
  },
  {
    name: 'an upcall that arrives during callSync is delivered after it, in order',
    async run(bridge, expect, side) {
      side.startSync(
        { method: 'js.Note', params: ['1'], notify: true },
        { method: 'js.Echo', params: ['2'] },
        { method: 'js.Note', params: ['3'], notify: true },
      );
      expect.deepEqual(side.log, []);
      expect.equal(bridge.callSync('test.Echo', ['1']), '1');
      expect.deepEqual(side.log, []);
      expect.deepEqual(await side.outcomes(1), [{ result: 2 }]);
      expect.deepEqual(side.log, ['1', '3']);
    },
  },
  {
    name: 'an answer of before comes before the messages after it',
    async run(bridge, expect, side) {
      // The Go side answers the call first, then sends the notification.
      const call = bridge.call('test.Echo', ['1']).then(() => {
        side.log.push('answer');
      });
      side.startSync({ method: 'js.Note', params: ['"note"'], notify: true });
      await call;
      await bridge.call('test.Null', []);
      expect.deepEqual(side.log, ['answer', '"note"']);
    },
  },
];

const nesting: Case[] = [
  {
    name: 'a downcall in an upcall in a downcall',
    async run(_bridge, expect, side) {
      expect.deepEqual(await side.upcall('js.NestedSync', '7'), { result: 7 });
      expect.deepEqual(side.log, ['handler starts', 'handler ends']);
    },
  },
  {
    name: 'calls nest three deep, and fifty',
    async run(_bridge, expect, side) {
      for (const depth of [3, 50]) {
        side.log.length = 0;
        const outcome = await side.upcall('js.Nested', String(depth));
        expect.deepEqual(outcome, { result: depth });
        const levels = Array.from({ length: depth + 1 }, (_, i) => i);
        expect.deepEqual(side.log, [
          ...levels.toReversed().map((i) => `in ${String(i)}`),
          ...levels.map((i) => `out ${String(i)}`),
        ]);
      }
    },
  },
  {
    name: 'callSync inside an upcall handler, while more upcalls arrive',
    async run(_bridge, expect, side) {
      side.startSync(
        { method: 'js.NestedSync', params: ['1'] },
        { method: 'js.Note', params: ['"note"'], notify: true },
        { method: 'js.NestedSync', params: ['2'] },
      );
      expect.deepEqual(await side.outcomes(2), [{ result: 1 }, { result: 2 }]);
      expect.deepEqual(side.log, [
        'handler starts',
        'handler ends',
        '"note"',
        'handler starts',
        'handler ends',
      ]);
    },
  },
  {
    name: 'a thousand callSyncs inside one upcall',
    async run(bridge, expect, side) {
      bridge.handle('js.Many', () => {
        for (let i = 0; i < 1000; i += 1) {
          expect.equal(bridge.callSync('test.Echo', [String(i)]), String(i));
        }
        return '"done"';
      });
      expect.deepEqual(await side.upcall('js.Many'), { result: 'done' });
    },
  },
];

const payloads: Case[] = [
  {
    name: 'texts arrive as they were sent: 1e400, 2^53+1, lone surrogates, NUL, U+2028, emoji',
    async run(bridge, expect, side) {
      const value =
        '{"n":[1e400,-1e400,9007199254740993,0.1e-999,-0,1E+2],' +
        '"s":["\\ud800","\\uDC00\\ud800","\\u0000","\u2028\u2029","😀","\\ud83d\\ude00","é","\\u00e9","\\/","<>&","\ufeff"],' +
        '"\\udfff":{"a":1,"a":2},"":[[],{},"",null,true,false]}';
      await everyWay(bridge, expect, side, value);
    },
  },
  {
    name: '__proto__ and constructor are ordinary names',
    async run(bridge, expect, side) {
      const value =
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}';
      await everyWay(bridge, expect, side, value);
      expect.equal('polluted' in {}, false);
    },
  },
  {
    name: 'a payload of 1 MiB',
    async run(bridge, expect, side) {
      await everyWay(bridge, expect, side, large(MiB));
    },
  },
  {
    name: '8 MiB both ways at once',
    async run(bridge, expect, side) {
      const value = large(8 * MiB);
      await side.start({ method: 'js.Echo', params: ['1'] });
      const calls = [
        bridge.call('test.Echo', [value]),
        side.upcall('js.Echo', value),
        bridge.call('test.Echo', [value]),
        side.upcall('js.Echo', value),
      ];
      const [a, b, c, d] = await Promise.all(calls);
      expect.equal(a, value);
      expect.equal(c, value);
      expect.equal((b as { result: string }).result.length, value.length - 2);
      expect.equal((d as { result: string }).result.length, value.length - 2);
    },
  },
  {
    name: 'callSync of 8 MiB while the peer sends 8 MiB',
    async run(bridge, expect, side) {
      const value = large(8 * MiB);
      side.startSync(
        { method: 'js.Note', params: [value], notify: true },
        { method: 'js.Echo', params: [value] },
      );
      expect.equal(bridge.callSync('test.Echo', [value]), value);
      const [outcome] = await side.outcomes(1);
      expect.equal((outcome?.result as string).length, value.length - 2);
      expect.deepEqual(side.log, [value]);
    },
  },
  {
    name: 'the three vbank messages, byte for byte',
    async run(bridge, expect, side) {
      const address = '"address":"agoric1abc123","denom":"uist"';
      for (let id = 1; id < 122; id += 1) bridge.callSync('test.Null', []);
      bridge.callSync('test.SendBalances', []);
      expect.equal(
        bridge.callSync('vbank.GetBalance', [`{${address}}`]),
        '"654321"',
      );
      await bridge.call('test.Null', []);
      const seen = JSON.parse(bridge.callSync('test.Frames', [])) as {
        direction: string;
        frame: string;
      }[];
      // What Go calls out is what JavaScript calls in.
      const both = [
        ...side.frames,
        ...seen.map(({ direction, frame }) => ({
          direction: direction === 'in' ? 'out' : 'in',
          frame,
        })),
      ];
      for (const expected of [
        {
          direction: 'in',
          frame: `{"id":null,"method":"vbank.BalanceUpdate","params":[{"nonce":123,"updates":[{${address},"amount":"654321"}]}]}`,
        },
        {
          direction: 'out',
          frame: `{"id":123,"method":"vbank.GetBalance","params":[{${address}}]}`,
        },
        {
          direction: 'in',
          frame: '{"id":123,"result":"654321","error":null}',
        },
      ]) {
        const count = both.filter(
          ({ direction, frame }) =>
            direction === expected.direction && frame === expected.frame,
        ).length;
        expect.equal(count, 2, expected.frame);
      }
      expect.deepEqual(side.log, [
        `{"nonce":123,"updates":[{${address},"amount":"654321"}]}`,
      ]);
    },
  },
];

const hang = JSON.stringify({ method: 'js.Hang' } satisfies Outgoing);

const closing: Case[] = [
  {
    name: 'a call is given up by its AbortSignal, and its late answer is dropped',
    async run(bridge, expect, side) {
      const controller = new AbortController();
      const reason = new Error('enough');
      const message = { method: 'js.Null', params: [] };
      // Answered only after js.Null was: later than the abort.
      const call = bridge.call('test.Upcall', [JSON.stringify(message)], {
        signal: controller.signal,
      });
      controller.abort(reason);
      await expect.rejects(call, (error) => error === reason);
      expect.deepEqual(await side.upcall('js.Echo', '1'), { result: 1 });
      expect.equal(bridge.callSync('test.Echo', ['2']), '2');
      const sent = side.frames.length;
      const aborted = { signal: AbortSignal.abort(reason) };
      await expect.rejects(
        bridge.call('test.Null', [], aborted),
        (error) => error === reason,
      );
      expect.equal(side.frames.length, sent);
    },
  },
  {
    name: 'this side closes with calls pending',
    async run(bridge, expect) {
      const closed = is(ClosedError, 'bridge closed');
      const pending = [1, 2, 3].map(() =>
        expect.rejects(bridge.call('test.Hang', []), closed),
      );
      let settled = 0;
      for (const call of pending) void call.then(() => (settled += 1));
      bridge.close();
      bridge.close();
      const reason = { kind: 'local', message: 'bridge closed' };
      expect.deepEqual(await bridge.closed, reason);
      await Promise.all(pending);
      expect.equal(settled, 3);
      await expect.rejects(bridge.call('test.Null', []), closed);
      expect.throws(() => bridge.callSync('test.Null', []), closed);
      expect.throws(() => {
        bridge.notify('test.Note', ['1']);
      }, closed);
    },
  },
  {
    name: 'the peer closes with calls pending, ours and its own',
    async run(bridge, expect, side) {
      await side.start({ method: 'js.Hang' });
      const closed = is(ClosedError, 'bridge closed by the peer');
      const lost = ['test.Close', 'test.Hang', 'test.Echo'].map((method) =>
        expect.rejects(bridge.call(method, ['1']), closed),
      );
      await Promise.all(lost);
      const reason = { kind: 'peer', message: 'bridge closed by the peer' };
      expect.deepEqual(await bridge.closed, reason);
      expect.throws(() => bridge.callSync('test.Null', []), closed);
    },
  },
  {
    name: 'the peer closes during callSync',
    async run(bridge, expect) {
      const closed = is(ClosedError, 'bridge closed by the peer');
      const pending = expect.rejects(
        bridge.call('test.Upcall', [hang]),
        closed,
      );
      expect.throws(() => bridge.callSync('test.Close', []), closed);
      await pending;
      expect.equal((await bridge.closed).kind, 'peer');
    },
  },
  {
    name: 'the peer dies with calls pending',
    notApplicable: { 'in-process': 'the peer is this process' },
    async run(bridge, expect) {
      const closed = is(ClosedError, 'bridge closed by the peer');
      const pending = expect.rejects(
        bridge.call('test.Upcall', [hang]),
        closed,
      );
      const exit = expect.rejects(bridge.call('test.Exit', []), closed);
      await Promise.all([pending, exit]);
      const reason = { kind: 'peer', message: 'bridge closed by the peer' };
      expect.deepEqual(await bridge.closed, reason);
    },
  },
  {
    name: 'the peer dies during callSync',
    notApplicable: { 'in-process': 'the peer is this process' },
    async run(bridge, expect) {
      const closed = is(ClosedError, 'bridge closed by the peer');
      expect.throws(() => bridge.callSync('test.Exit', []), closed);
      expect.equal((await bridge.closed).kind, 'peer');
    },
  },
];

/** Every case runs on every backend; a new backend is one row in backends.ts. */
export const cases: readonly Case[] = [
  ...basic,
  ...failures,
  ...order,
  ...nesting,
  ...payloads,
  ...closing,
];
