import { LocalError, RemoteError } from '@agd-bridge/bridge';

import { is, type Case } from '../case.js';
import { EXCLUSIVE } from '../js-side.js';

export const failures: Case[] = [
  {
    name: 'a Go handler that fails or panics is a remote error with its message alone',
    outcome: 'remote: the message, no stack',
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
    outcome: 'remote: the message, no stack',
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
    outcome: 'remote: `unknown method "…"`, `__proto__` and `constructor` too',
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
    outcome: 'remote: `result: byte N: …`',
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
    outcome:
      'local: `params[N]: byte N: …`, `method must be a non-empty string`',
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
    outcome: 'local: `method "…" already has a handler`',
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
    outcome: 'local: `a block action is already running`; other calls continue',
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
