import { ClosedError } from '@agd-bridge/bridge';

import { is, type Case } from '../case.js';
import type { Outgoing } from '../js-side.js';

const hang = JSON.stringify({ method: 'js.Hang' } satisfies Outgoing);

export const closing: Case[] = [
  {
    name: 'a call is cancelled by its AbortSignal, and its late answer is dropped',
    outcome:
      "the signal's reason; nothing is sent for a signal that is already aborted",
    async run(bridge, expect, side) {
      const controller = new AbortController();
      const reason = new Error('enough');
      const message = { method: 'js.Null', params: [] };
      // The response comes after that of js.Null, so later than the abort.
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
    outcome:
      'closed: `bridge closed`, every call once, before `closed` settles',
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
    goTells: [
      'go lost: closed: bridge closed',
      'go closed: closed: bridge closed',
    ],
    outcome: 'closed: `bridge closed by the peer`',
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
    goTells: ['go closed: closed: bridge closed'],
    outcome: 'closed: `bridge closed by the peer`',
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
];
