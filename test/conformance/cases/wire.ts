import { ClosedError } from '@agd-bridge/bridge';

import { is, type Case } from '../case.js';
import type { Chunk, Outgoing } from '../js-side.js';

/** A frame that violates the protocol. */
interface Broken {
  readonly what: string;
  /**
   * The frame, without its newline; `id` is that of a call that waits for its
   * response.
   */
  readonly frame: Chunk | ((id: number, from: 'agd' | 'agvm') => string);
  /** The error's text after the stream's name. */
  readonly fault: string | ((id: number) => string);
  readonly limits?: Case['limits'];
  readonly notApplicable?: { fromGo?: string; fromJs?: string };
}

const anyMember = 'expected "id", "method", "params", "result" or "error"';
const anyId = 'expected null or an integer from 0 to 9007199254740991';
const errorForms =
  'expected null, a string or an object with a string "message"';
const note = '{"id":null,"method":"m","params":[]}';

const broken: readonly Broken[] = [
  {
    what: 'malformed JSON',
    frame: '{"id":1,"method":"m","params":[1,]}',
    fault: 'byte 33: expected a value',
  },
  { what: 'an empty line', frame: '', fault: 'byte 0: expected "{"' },
  { what: 'a batch', frame: `[${note}]`, fault: 'byte 0: expected "{"' },
  {
    what: 'two values on a line',
    frame: `${note}{}`,
    fault: 'byte 36: expected the end of the frame',
  },
  {
    what: 'a byte-order mark',
    frame: `\ufeff${note}`,
    fault: 'byte 0: expected "{"',
  },
  {
    what: 'a carriage return',
    frame: `${note}\r`,
    fault: 'byte 36: expected no line break between tokens',
  },
  {
    what: 'invalid UTF-8',
    frame: Buffer.from('{"id":null,"method":"\xe9","params":[]}', 'latin1'),
    fault: 'byte 21: expected valid UTF-8',
    notApplicable: { fromJs: 'a JavaScript string has no bytes' },
  },
  {
    what: 'an unescaped control character',
    frame: '{"id":null,"method":"\u0000","params":[]}',
    fault: 'byte 21: expected no control character in a string',
  },
  {
    what: 'an id that is a string',
    frame: '{"id":"1","method":"m","params":[]}',
    fault: `byte 6: ${anyId}`,
  },
  {
    what: 'an id that is not an integer',
    frame: '{"id":1.5,"method":"m","params":[]}',
    fault: `byte 6: ${anyId}`,
  },
  {
    what: 'a negative id',
    frame: '{"id":-1,"method":"m","params":[]}',
    fault: `byte 6: ${anyId}`,
  },
  {
    what: 'an id past 2^53−1',
    frame: '{"id":9007199254740992,"method":"m","params":[]}',
    fault: `byte 6: ${anyId}`,
  },
  {
    what: 'a response whose id is null',
    frame: '{"id":null,"result":1,"error":null}',
    fault: 'byte 6: expected an integer from 0 to 9007199254740991',
  },
  {
    what: 'a response to an unknown id',
    frame: '{"id":4711,"result":1,"error":null}',
    fault: 'response to id 4711, which no call waits for',
  },
  {
    what: 'a response with a result and an error',
    frame: (id) => `{"id":${String(id)},"result":1,"error":"e"}`,
    fault: 'byte 27: expected "result" or "error" to be null',
  },
  {
    what: 'an error that is a number',
    frame: (id) => `{"id":${String(id)},"result":null,"error":7}`,
    fault: `byte 30: ${errorForms}`,
  },
  {
    what: 'an error that is an object without a message',
    frame: (id) => `{"id":${String(id)},"result":null,"error":{"code":7}}`,
    fault: `byte 30: ${errorForms}`,
  },
  {
    what: 'a second request with the id of one that has no answer yet',
    frame: (_id, from) => {
      const waits = from === 'agd' ? 'js.Hang' : 'test.Upcall';
      return (
        `{"id":4711,"method":"${waits}","params":[{"method":"js.Hang"}]}\n` +
        '{"id":4711,"method":"m","params":[]}'
      );
    },
    fault: 'request with id 4711, which has no answer yet',
  },
  {
    what: 'params that are an object',
    frame: '{"id":1,"method":"m","params":{}}',
    fault: 'byte 30: expected "["',
  },
  {
    what: 'no params',
    frame: '{"id":1,"method":"m"}',
    fault: 'byte 20: expected "params"',
  },
  {
    what: 'an extra member',
    frame: '{"id":1,"method":"m","params":[],"jsonrpc":"1.0"}',
    fault: `byte 33: ${anyMember}`,
  },
  {
    what: 'a member that occurs twice',
    frame: '{"id":1,"id":1,"method":"m","params":[]}',
    fault: 'byte 8: expected "id" only once',
  },
  {
    what: 'a member named __proto__',
    frame: '{"__proto__":null,"id":1,"method":"m","params":[]}',
    fault: `byte 1: ${anyMember}`,
  },
  {
    what: 'a method that is not a string',
    frame: '{"id":1,"method":7,"params":[]}',
    fault: 'byte 17: expected a string',
  },
  {
    what: 'nesting past the limit',
    frame: `{"id":1,"method":"m","params":[${'['.repeat(15)}${']'.repeat(15)}]}`,
    fault: 'byte 45: expected at most 16 levels of nesting (maxNesting)',
    limits: { maxNesting: 16 },
  },
  {
    what: 'a frame over the limit',
    frame: { text: 'x', times: 3_000_000 },
    fault:
      'byte 1000000: expected a frame of at most 1000000 bytes (maxFrameBytes)',
    limits: { maxFrameBytes: 1_000_000 },
  },
];

const hang: Outgoing = { method: 'js.Hang' };

/** agd sends it: JavaScript closes with a protocol error. */
function fromGo(row: Broken): Case {
  const { what, fault, limits = {}, notApplicable } = row;
  return {
    name: `agd sends ${what}`,
    outcome: `protocol at agvm: \`from go: ${textOf(fault)}\`; pending calls there: closed, with the same text; agd: closed`,
    limits,
    ...(notApplicable?.fromGo === undefined
      ? {}
      : { notApplicable: { 'in-process': notApplicable.fromGo } }),
    async run(bridge, expect, side) {
      const call = bridge.call('test.Upcall', [JSON.stringify(hang)]);
      const id = side.lastId('out');
      const message = `from go: ${textOf(fault, id)}`;
      const lost = expect.rejects(
        call,
        is(ClosedError, `bridge closed: ${message}`),
      );
      side.rawFromGo(line(row.frame, id, 'agd'));
      expect.deepEqual(await bridge.closed, { kind: 'protocol', message });
      await lost;
    },
  };
}

/** agvm sends it: Go closes with a protocol error. */
function fromJs(row: Broken): Case {
  const { what, fault, limits = {}, notApplicable } = row;
  const message = (id: number) => `from node: ${textOf(fault, id)}`;
  const firstUpcall = 2; // the handshake is 1
  return {
    name: `agvm sends ${what}`,
    outcome: `protocol at agd: \`from node: ${textOf(fault)}\`; pending calls there: closed, with the same text; agvm: closed`,
    limits,
    raw: true,
    ...(notApplicable?.fromJs === undefined
      ? {}
      : { notApplicable: { 'in-process': notApplicable.fromJs } }),
    goTells: [
      `go lost: closed: bridge closed: ${message(firstUpcall)}`,
      `go closed: protocol: ${message(firstUpcall)}`,
    ],
    async run(bridge, expect, side) {
      await side.start(hang);
      expect.equal(side.lastId('in'), firstUpcall);
      side.rawToGo(...line(row.frame, firstUpcall, 'agvm'));
      const reason = { kind: 'peer', message: 'bridge closed by the peer' };
      expect.deepEqual(await bridge.closed, reason);
    },
  };
}

function textOf(fault: Broken['fault'], id?: number): string {
  if (typeof fault === 'string') return fault;
  return id === undefined ? fault(0).replace('id 0', 'id N') : fault(id);
}

function line(
  frame: Broken['frame'],
  id: number,
  from: 'agd' | 'agvm',
): Chunk[] {
  return [typeof frame === 'function' ? frame(id, from) : frame, '\n'];
}

/** Frames that violate the protocol, each sent by both sides. */
export const wire: Case[] = broken.flatMap((row) => [fromGo(row), fromJs(row)]);
