import { LocalError, type Json } from '@agd-bridge/bridge';

import { GO_ENDS, is, type Case } from '../case.js';
import type { Outgoing } from '../js-side.js';

const hang: Outgoing = { method: 'js.Hang' };
const numbers = (count: number): Json[] =>
  Array.from({ length: count }, (_, i) => String(i));

/** A JSON string of this many bytes. */
const text = (bytes: number): Json => `"${'x'.repeat(bytes - 2)}"`;

/** A JSON value with this many levels. */
const nested = (levels: number): Json =>
  '['.repeat(levels) + ']'.repeat(levels);

export const limits: Case[] = [
  {
    name: '100,000 calls in flight, each way',
    outcome: 'each is answered once, with its own answer',
    limits: { maxPendingCalls: 100_000 },
    async run(bridge, expect, side) {
      const all = numbers(100_000);
      const calls = all.map((n) => bridge.call('test.Echo', [n]));
      expect.deepEqual(await Promise.all(calls), all);
      // No response before the last call has arrived; then the last call is
      // first.
      const waiting: (() => void)[] = [];
      bridge.handle('js.Gather', ([n = '']) => {
        const answer = new Promise<Json>((resolve) => {
          waiting.push(() => {
            resolve(n);
          });
        });
        if (waiting.length === all.length) {
          for (const go of waiting.reverse()) go();
        }
        return answer;
      });
      await side.start(
        ...all.map((n) => ({ method: 'js.Gather', params: [n] })),
      );
      const outcomes = await side.outcomes(all.length);
      expect.deepEqual(
        outcomes.map(({ result }) => String(result)),
        all,
      );
    },
  },
  {
    name: 'one pending call past the default limit, each way',
    outcome: 'local: `to …: too many pending calls (maxPendingCalls 16384)`',
    goTells: [
      'go lost: closed: bridge closed by the peer (16384 times)',
      GO_ENDS,
    ],
    async run(bridge, expect, side) {
      await side.start({ ...hang, times: 16_384 }, hang);
      const limit = 'too many pending calls (maxPendingCalls 16384)';
      expect.deepEqual(await side.outcomes(1), [
        { error: `to node: ${limit}`, kind: 'local' },
      ]);
      const pending = numbers(16_384).map(() => bridge.call('test.Hang', []));
      const refused = is(LocalError, `to go: ${limit}`);
      await expect.rejects(bridge.call('test.Null', []), refused);
      expect.throws(() => bridge.callSync('test.Null', []), refused);
      bridge.notify('test.Note', ['1']);
      bridge.close();
      const settled = await Promise.allSettled(pending);
      expect.equal(
        settled.every(({ status }) => status === 'rejected'),
        true,
      );
    },
  },
  {
    name: 'more requests at once than the receiver allows',
    outcome:
      'the excess requests fail: remote, `from …: too many pending calls (maxPendingCalls N)`',
    limits: { maxPendingCalls: 3 },
    goTells: [
      'go closed: protocol: from node: response to id 103, which no call waits for',
    ],
    async run(bridge, expect, side) {
      const request = (id: number) =>
        `{"id":${String(id)},"method":"js.Hang","params":[]}\n`;
      side.rawFromGo([request(100), request(101), request(102), request(103)]);
      expect.equal((await bridge.closed).kind, 'peer');
      expect.equal(
        side.frames.findLast(({ direction }) => direction === 'out')?.frame,
        '{"id":103,"result":null,"error":"from go: too many pending calls (maxPendingCalls 3)"}',
      );
    },
  },
  {
    name: 'cancelled calls, each way',
    outcome:
      'by `AbortSignal`, by `context.Context`: a cancelled call counts as pending until its answer arrives, which is dropped',
    limits: { maxPendingCalls: 2 },
    async run(bridge, expect, side) {
      // Responses are sent on request.
      let answers: (() => void)[] = [];
      bridge.handle(
        'js.Later',
        () =>
          new Promise((resolve) => {
            answers.push(() => {
              resolve('1');
            });
          }),
      );
      const answer = () => {
        for (const go of answers) go();
        answers = [];
      };
      const later: Outgoing = { method: 'js.Later' };
      const limit = 'too many pending calls (maxPendingCalls 2)';

      const controller = new AbortController();
      const upcall = (signal?: AbortSignal) =>
        bridge.call(
          'test.Upcall',
          [JSON.stringify(later)],
          signal ? { signal } : {},
        );
      const lost = expect.rejects(
        upcall(controller.signal),
        (error) => error === controller.signal.reason,
      );
      await bridge.call('test.Null', []); // js.Later runs by then
      controller.abort();
      await lost;
      const second = upcall();
      expect.throws(
        () => bridge.callSync('test.Null', []),
        is(LocalError, `to go: ${limit}`),
      );
      while (answers.length < 2) await new Promise(setImmediate);
      answer();
      expect.equal(await second, '{"result":1}');
      const both = ['1', '2'].map((n) => bridge.call('test.Echo', [n]));
      expect.deepEqual(await Promise.all(both), ['1', '2']);

      await side.start({ ...later, cancel: true });
      await side.start(later);
      expect.deepEqual(await side.outcomes(1), [
        { error: 'context canceled', kind: 'canceled' },
      ]);
      await side.start(later);
      expect.deepEqual(await side.outcomes(1), [
        { error: `to node: ${limit}`, kind: 'local' },
      ]);
      answer();
      expect.deepEqual(await side.outcomes(1), [{ result: 1 }]);
      const echo = { method: 'js.Echo', params: ['3'] };
      await side.start(echo, echo);
      expect.deepEqual(await side.outcomes(2), [{ result: 3 }, { result: 3 }]);
    },
  },
  {
    name: 'a message longer than maxFrameBytes, each way',
    outcome:
      'local: `to …: byte N: expected a frame of at most N bytes (maxFrameBytes)`; as a result: remote, with the same text',
    limits: { maxFrameBytes: 100_000 },
    async run(bridge, expect, side) {
      const long = text(100_000);
      const message = (peer: string) =>
        `to ${peer}: byte 100000: expected a frame of at most 100000 bytes (maxFrameBytes)`;
      const refused = is(LocalError, message('go'));
      const sent = side.frames.length;
      await expect.rejects(bridge.call('test.Echo', [long]), refused);
      expect.throws(() => bridge.callSync('test.Echo', [long]), refused);
      expect.throws(() => {
        bridge.notify('test.Note', [long]);
      }, refused);
      expect.equal(side.frames.length, sent);
      bridge.handle('js.Longer', () => long);
      expect.deepEqual(await side.upcall('js.Longer'), {
        error: message('go'),
        kind: 'remote',
      });
      const own = JSON.parse(
        await bridge.call('test.Long', ['100000']),
      ) as unknown;
      expect.deepEqual(own, { error: message('node'), kind: 'local' });
    },
  },
  {
    name: 'nesting at the limit and past it, each way',
    outcome:
      'at it: arrives; past it: local, `params[N]: byte N: expected at most 512 levels of nesting (maxNesting)`',
    async run(bridge, expect, side) {
      // The frame and its params are two levels.
      const [most, tooMany] = [nested(510), nested(511)];
      expect.equal(await bridge.call('test.Echo', [most]), most);
      expect.equal(bridge.callSync('test.Echo', [most]), most);
      await side.start({ method: 'js.Note', params: [most], notify: true });
      expect.deepEqual(side.log, [most]);
      const message =
        'params[0]: byte 510: expected at most 512 levels of nesting (maxNesting)';
      const refused = is(LocalError, message);
      await expect.rejects(bridge.call('test.Echo', [tooMany]), refused);
      expect.throws(() => bridge.callSync('test.Echo', [tooMany]), refused);
      expect.deepEqual(await side.upcall('js.Echo', tooMany), {
        error: message,
        kind: 'local',
      });
    },
  },
];
