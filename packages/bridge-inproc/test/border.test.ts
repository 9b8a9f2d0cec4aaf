// The checks of the library's frames before JavaScript sees them: the same as
// in the split backend, with the same messages.
import { ClosedError, ProtocolError, defaultLimits } from '@agd-bridge/bridge';
import { FrameDecoder, decode } from '@agd-bridge/jsonrpc1';
import test from 'ava';
import fc from 'fast-check';

import { openInproc } from '../src/index.js';
import { compileLibrary } from './libraries.js';

const library = compileLibrary('good');
test.after.always(() => {
  library.remove();
});

const limits = { ...defaultLimits, maxFrameBytes: 500 };

function repeated(bytes: Uint8Array, times: number): Buffer {
  return Buffer.concat(Array<Uint8Array>(times).fill(bytes));
}

/** The split backend's error for a frame that is not a response. */
function splitError(bytes: Uint8Array): string {
  const decoder = new FrameDecoder(limits, 'from peer');
  decoder.feed(bytes);
  decoder.feed(Buffer.from('\n'));
  try {
    decode(decoder.next() ?? '', limits, 'from peer');
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
  throw new Error('the frame breaks no rule');
}

/**
 * A bridge to the C library, which sends and responds with the requested bytes,
 * `times` times.
 */
function open(handlers = {}) {
  const bridge = openInproc({
    library: library.path,
    config: null,
    limits,
    handlers,
  });
  const spelled = (bytes: Uint8Array, times = 1) => [
    `"raw:${Buffer.from(bytes).toString('hex')}:${String(times)}"`,
  ];
  return {
    bridge,
    send: (bytes: Uint8Array, times?: number) => {
      bridge.notify('m', spelled(bytes, times));
    },
    callSync: (bytes: Uint8Array, times?: number) =>
      bridge.callSync('m', spelled(bytes, times)),
  };
}

/**
 * The close reasons of a bridge that was sent such a frame, and of one that got
 * it as a response.
 */
async function inprocReasons(bytes: Uint8Array, times = 1) {
  const frame = open();
  frame.send(bytes, times);
  const answer = open();
  let thrown: unknown;
  try {
    answer.callSync(bytes, times);
  } catch (error) {
    thrown = error;
  }
  const reasons = [await frame.bridge.closed, await answer.bridge.closed];
  await Promise.all([frame.bridge.ended, answer.bridge.ended]);
  return { reasons, thrown };
}

const prefix = '{"id":1,"result":"';
for (const [what, bytes, message] of [
  ['a byte that never occurs', [0xff], 'byte 18: expected valid UTF-8'],
  ['a continuation alone', [0x41, 0x80], 'byte 19: expected valid UTF-8'],
  [
    'an overlong form',
    [0xc3, 0xa9, 0xc0, 0xaf],
    'byte 20: expected valid UTF-8',
  ],
  ['a surrogate', [0xed, 0xa0, 0x80], 'byte 18: expected valid UTF-8'],
  [
    'what is past the last plane',
    [0xf4, 0x90, 0x80, 0x80],
    'byte 18: expected valid UTF-8',
  ],
  ['half a character', [0xf0, 0x9f, 0x98], 'byte 18: expected valid UTF-8'],
  [
    'an error that comes late',
    [...Buffer.from('é'.repeat(20)), 0xe2, 0x82],
    'byte 58: expected valid UTF-8',
  ],
  [
    'a frame that is too long',
    Array<number>(100).fill(0x78),
    'byte 500: expected a frame of at most 500 bytes (maxFrameBytes)',
  ],
  [
    'a frame that is too long and broken',
    Array<number>(100).fill(0xff),
    'byte 500: expected a frame of at most 500 bytes (maxFrameBytes)',
  ],
] as const) {
  test(`${what} closes the bridge as in split mode`, async (t) => {
    const frame = Buffer.concat([Buffer.from(prefix), Buffer.from(bytes)]);
    const times = what.includes('too long') ? 5 : 1;
    t.is(splitError(repeated(frame, times)), `from peer: ${message}`);
    const { reasons, thrown } = await inprocReasons(frame, times);
    const reason = { kind: 'protocol', message: `from peer: ${message}` };
    t.deepEqual(reasons, [reason, reason]);
    t.true(thrown instanceof ClosedError);
    t.is(
      (thrown as ClosedError).message,
      `bridge closed: from peer: ${message}`,
    );
  });
}

const bytesOfText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 4 }),
  fc
    .array(
      fc.constantFrom(
        ...[0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf],
        ...[0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5],
      ),
      { maxLength: 6 },
    )
    .map((codes) => Uint8Array.from(codes)),
);
const frames = fc
  .array(bytesOfText, { maxLength: 30 })
  .map((parts) => Buffer.concat(parts).filter((byte) => byte !== 0x0a))
  .map((bytes) => bytes.subarray(0, 200));

test('any bytes are accepted or refused as in split mode', async (t) => {
  await fc.assert(
    fc.asyncProperty(frames, fc.constantFrom(1, 10), async (bytes, times) => {
      const message = splitError(repeated(bytes, times));
      const reason = { kind: 'protocol', message };
      const { reasons } = await inprocReasons(bytes, times);
      t.deepEqual(reasons, [reason, reason]);
    }),
    { numRuns: 1000 },
  );
});

test('every valid character crosses, also next to others', (t) => {
  const { bridge, callSync } = open();
  t.teardown(() => {
    bridge.close();
  });
  let id = 0;
  for (const edge of [0x20, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff]) {
    for (const code of [edge, edge + 0x10000 - (edge % 0x10000), 0x10ffff]) {
      for (let shift = 0; shift < 9; shift += 1) {
        const value = JSON.stringify(
          'x'.repeat(shift) + String.fromCodePoint(code) + 'y',
        );
        id += 1;
        const frame = `{"id":${String(id)},"result":${value},"error":null}`;
        t.is(callSync(Buffer.from(frame)), value);
      }
    }
  }
});

test('frames before a broken one are handled, later ones are not', async (t) => {
  let handled = 0;
  const { bridge, send } = open({
    hello: () => {
      handled += 1;
      return 'null';
    },
  });
  const hello = Buffer.from('{"id":null,"method":"hello","params":[]}');
  send(hello);
  send(hello);
  send(Buffer.from([0xff]));
  send(hello);
  t.deepEqual(await bridge.closed, {
    kind: 'protocol',
    message: 'from peer: byte 0: expected valid UTF-8',
  });
  await bridge.ended;
  t.is(handled, 2);
});
