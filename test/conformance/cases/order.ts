import type { Json } from '@agd-bridge/bridge';

import type { Case } from '../case.js';
import type { Traced } from '../js-side.js';

export const order: Case[] = [
  {
    name: '100 notifications and a call are handled in the order sent',
    outcome: 'in the order sent',
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
    outcome: 'in the order sent',
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
    outcome: 'delivered afterwards, in order',
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
    name: 'an earlier answer is delivered before later messages',
    outcome: 'in the order sent',
    async run(bridge, expect, side) {
      // The Go side responds to the call first, then sends the notification.
      const call = bridge.call('test.Echo', ['1']).then(() => {
        side.log.push('answer');
      });
      side.startSync({ method: 'js.Note', params: ['"note"'], notify: true });
      await call;
      await bridge.call('test.Null', []);
      expect.deepEqual(side.log, ['answer', '"note"']);
    },
  },
  {
    name: 'two goroutines whose replies come back in swapped order',
    outcome: 'each has its own',
    async run(bridge, expect, side) {
      let first: ((json: string) => void) | undefined;
      bridge.handle('js.Swap', ([n = '']) => {
        if (first === undefined) {
          return new Promise((resolve) => (first = resolve));
        }
        const answerFirst = first;
        setImmediate(() => {
          answerFirst('"first"');
        });
        return n;
      });
      await side.start(
        { method: 'js.Swap', params: ['1'] },
        { method: 'js.Swap', params: ['"second"'] },
      );
      expect.deepEqual(await side.outcomes(2), [
        { result: 'first' },
        { result: 'second' },
      ]);
      const replies = side.frames
        .filter(
          ({ direction, frame }) =>
            direction === 'out' && /"(first|second)"/.test(frame),
        )
        .map(({ frame }) => /first|second/.exec(frame)?.[0]);
      expect.deepEqual(replies, ['second', 'first']);
    },
  },
  {
    name: "a downcall after the upcall's reply",
    outcome: 'served like any other, because the bridge does not know blocks',
    async run(bridge, expect, side) {
      const later = new Promise<string>((resolve) => {
        bridge.handle('js.After', () => {
          setImmediate(() => {
            setImmediate(() => {
              resolve(bridge.callSync('test.Echo', ['"late"']));
            });
          });
          return '"reply"';
        });
      });
      await side.start({ method: 'js.After' });
      expect.deepEqual(await side.outcomes(1), [{ result: 'reply' }]);
      expect.equal(await later, '"late"');
    },
  },
  {
    name: 'a thousand calls at once, each way, get their own answers',
    outcome: 'each has its own answer',
    async run(bridge, expect, side) {
      const numbers = Array.from({ length: 1000 }, (_, i) => String(i));
      const calls = numbers.map((n) => bridge.call('test.Echo', [n]));
      await side.start(
        ...numbers.map((n) => ({ method: 'js.Echo', params: [n] })),
      );
      expect.deepEqual(await Promise.all(calls), numbers);
      const outcomes = await side.outcomes(1000);
      expect.deepEqual(
        outcomes.map(({ result }) => String(result)),
        numbers,
      );
    },
  },
  {
    name: 'a session byte for byte: an upcall with a downcall, a notification, a failure',
    outcome: 'the frames, byte for byte',
    async run(bridge, expect, side) {
      side.startSync({ method: 'js.NestedSync', params: ['7'] });
      expect.deepEqual(await side.outcomes(1), [{ result: 7 }]);
      bridge.notify('test.Note', ['"x"']);
      await bridge.call('test.Fail', ['"no"']).catch(() => undefined);
      // The Go side's view: callSync returns its response before earlier
      // messages are delivered, so only the sender knows the order on the
      // in-process wire.
      const seen = JSON.parse(bridge.callSync('test.Frames', [])) as Traced[];
      const frames = seen.map(
        ({ direction, frame }) => `${direction} ${frame}`,
      );
      const start = '[{"method":"js.NestedSync","params":["7"]}]';
      expect.deepEqual(frames.slice(2), [
        `in {"id":1,"method":"test.Start","params":[${start}]}`,
        'out {"id":2,"method":"js.NestedSync","params":[7]}',
        'out {"id":1,"result":null,"error":null}',
        'in {"id":2,"method":"test.Echo","params":[7]}',
        'out {"id":2,"result":7,"error":null}',
        'in {"id":2,"result":7,"error":null}',
        'out {"id":null,"method":"test.Outcome","params":[{"call":1,"result":7}]}',
        'in {"id":null,"method":"test.Note","params":["x"]}',
        'in {"id":3,"method":"test.Fail","params":["no"]}',
        'out {"id":3,"result":null,"error":"no"}',
        'in {"id":4,"method":"test.Frames","params":[]}',
      ]);
    },
  },
];
