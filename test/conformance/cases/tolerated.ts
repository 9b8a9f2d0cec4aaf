import { RemoteError } from '@agd-bridge/bridge';

import { is, type Case } from '../case.js';
import type { Outcome, Outgoing } from '../js-side.js';

const hang: Outgoing = { method: 'js.Hang' };
const hangText = JSON.stringify(hang);
const noChunks = { 'in-process': 'frames cross whole: there are no reads' };
const times = (count: number) =>
  Array.from({ length: count }, (_, i) => String(i));

/**
 * A response as another implementation may write it, to a call of either side.
 */
function response(
  what: string,
  text: string,
  outcome: Outcome,
  seen: string,
): Case {
  return {
    name: `a response with ${what}`,
    outcome: seen,
    raw: true,
    async run(bridge, expect, side) {
      const call = bridge.call('test.Upcall', [hangText]);
      side.rawFromGo([text.replace('ID', String(side.lastId('out'))), '\n']);
      const { error, result } = outcome;
      if (error === undefined) {
        expect.equal(await call, JSON.stringify(result));
      } else await expect.rejects(call, is(RemoteError, error));
      await side.start(hang);
      side.rawToGo(text.replace('ID', String(side.lastId('in'))), '\n');
      expect.deepEqual(await side.outcomes(1), [outcome]);
    },
  };
}

/** Bytes that both sides send each other in the same way, and accept. */
const notes = (count: number) =>
  times(count)
    .map((n) => `{"id":null,"method":"METHOD","params":[${n}]}\n`)
    .join('');

/** The same stream in chunks of one size, each way. */
function chunked(
  name: string,
  count: number,
  split: (text: string) => string[],
): Case {
  return {
    name,
    outcome: 'every frame is handled once, in order',
    notApplicable: noChunks,
    raw: true,
    async run(bridge, expect, side) {
      const text = notes(count);
      side.rawFromGo(split(text.replaceAll('METHOD', 'js.Note')));
      await bridge.call('test.Null', []);
      expect.deepEqual(side.log, times(count));
      side.rawToGo(...split(text.replaceAll('METHOD', 'test.Note')));
      const noted = JSON.parse(bridge.callSync('test.Notified', [])) as unknown;
      expect.deepEqual(noted, times(count));
    },
  };
}

/** Frames that the protocol allows and our writers do not produce. */
export const tolerated: Case[] = [
  response(
    'a null result and a null error',
    '{"id":ID,"result":null,"error":null}',
    { result: null },
    'the result is null',
  ),
  response(
    'an error that is a string',
    '{"id":ID,"result":null,"error":"no \\u003cfunds\\u003e"}',
    { error: 'no <funds>', kind: 'remote' },
    'remote: the string',
  ),
  response(
    'an error that is an object',
    '{"id":ID,"result":null,"error":{"code":-32000,"message":"no funds"}}',
    { error: 'no funds', kind: 'remote' },
    'remote: its `message`',
  ),
  response(
    'members in another order, and white space',
    ' { "error" : null ,\t"result": {"a":1} , "id" : ID } ',
    { result: { a: 1 } },
    'the result',
  ),
  chunked('many frames in one read', 1000, (text) => [text]),
  chunked('one byte per read', 40, (text) => Array.from(text)),
  ...(
    [
      ['an id of 0', 'test.Echo', '"result":1,"error":null'],
      ['escapes in its method', '\\u0074est.Echo', '"result":1,"error":null'],
      [
        'the method __proto__',
        '__proto__',
        '"result":null,"error":"unknown method \\"__proto__\\""',
      ],
    ] as const
  ).map(([what, method, answer]): Case => ({
    name: `a request with ${what}`,
    outcome: `answered: \`{"id":0,${answer}}\``,
    raw: true,
    async run(bridge, expect, side) {
      side.rawToGo(`{"id":0,"method":"${method}","params":[1]}\n`);
      // No call of this side's engine waits for this response.
      expect.equal((await bridge.closed).kind, 'protocol');
      expect.equal(side.frames.at(-1)?.frame, `{"id":0,${answer}}`);
    },
  })),
  {
    name: 'a second response to one call, from agd',
    outcome:
      'the call has the first; then protocol at agvm: `from go: response to id N, which no call waits for`',
    async run(bridge, expect, side) {
      const call = bridge.call('test.Upcall', [hangText]);
      const id = String(side.lastId('out'));
      side.rawFromGo([`{"id":${id},"result":1,"error":null}\n`]);
      expect.equal(await call, '1');
      side.rawFromGo([`{"id":${id},"result":1,"error":null}\n`]);
      expect.deepEqual(await bridge.closed, {
        kind: 'protocol',
        message: `from go: response to id ${id}, which no call waits for`,
      });
    },
  },
  {
    name: 'a second response to one call, from agvm',
    outcome:
      'the call has the first; then protocol at agd: `from node: response to id N, which no call waits for`',
    raw: true,
    goTells: [
      'go closed: protocol: from node: response to id 2, which no call waits for',
    ],
    async run(bridge, expect, side) {
      await side.start(hang);
      side.rawToGo('{"id":2,"result":1,"error":null}\n');
      expect.deepEqual(await side.outcomes(1), [{ result: 1 }]);
      side.rawToGo('{"id":2,"result":1,"error":null}\n');
      expect.equal((await bridge.closed).kind, 'peer');
    },
  },
  {
    name: 'stray text on standard output and standard error',
    outcome: 'the text is log output, never part of the stream',
    goTells: [
      'go closed: closed: bridge closed by the peer',
      '{"id":1,"method":"no","params":[]}',
      '}{ stray',
    ],
    async run(bridge, expect) {
      console.log('}{ stray');
      console.log('{"id":1,"method":"no","params":[]}');
      expect.equal(bridge.callSync('test.Echo', ['1']), '1');
      expect.equal(await bridge.call('test.Echo', ['2']), '2');
    },
  },
];
