import { join } from 'node:path';

import { BridgeError } from '@agd-bridge/bridge';
import {
  FrameDecoder,
  MAX_VALUES,
  decode,
  encodeRequest,
  type CodecLimits,
} from '@agd-bridge/jsonrpc1';
import test from 'ava';

import { Process } from '../support/process.js';
import { both, goCodec, tsCodec } from './codec.js';
import { hostileFrames, hostileValues } from './hostile.js';
import { assertSame } from './same.js';
import { toBase64 } from './wire.js';
import { workOf } from './work.js';

/** The codecs' processes hang for their watchdog when they are quadratic at this size. */
const LARGE = 1 << 20;
const SMALL = 1 << 14;

/** What a codec may touch of each byte: see a frame a few times, but not once for each byte. */
const WORK_PER_BYTE = 32;
const WORK_OF_ANY_FRAME = 200_000; // the first buffer of a FrameDecoder

const deep: CodecLimits = { maxFrameBytes: 4 * LARGE, maxNesting: 4 * LARGE };
const usual: CodecLimits = { maxFrameBytes: 4 * LARGE, maxNesting: 512 };

const go = goCodec();
const ts = tsCodec();
test.after.always(async () => {
  await Promise.all([go.stop(), ts.stop()]);
});

function line(frame: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(frame), Buffer.from('\n')]);
}

/** Runs the whole path; refuses what the codec refuses. */
function decodeAll(bytes: Buffer, limits: CodecLimits, chunk: number): void {
  const decoder = new FrameDecoder(limits, 'test');
  try {
    for (let at = 0; at < bytes.length; at += chunk) {
      decoder.feed(bytes.subarray(at, at + chunk));
      for (let frame; (frame = decoder.next()) !== undefined;) {
        decode(frame, limits, 'test');
      }
    }
    decoder.end();
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown;
  }
}

test('the work counter counts what the codec reads', (t) => {
  for (const value of ['[1,2,{"a":"b"}]', '"x"']) {
    const frame = `{"id":1,"method":"m","params":[${`${value},`.repeat(5000)}1]}`;
    const work = workOf(() => {
      decode(frame, usual, 'test');
    });
    t.true(work >= frame.length, `${String(work)} of ${String(frame.length)}`);
  }
  const copies = workOf(() => {
    for (let i = 0; i < 2000; i += 1) JSON.stringify('x'.repeat(i));
  });
  t.true(copies > 1_000_000, String(copies));
});

for (const [name, limits] of Object.entries({ deep, usual })) {
  test(`work grows with the bytes of a frame, not faster (${name})`, (t) => {
    for (const { name, frame } of hostileFrames) {
      for (const size of [SMALL, 16 * SMALL]) {
        const bytes = line(frame(size));
        const work = workOf(() => {
          decodeAll(bytes, limits, 65_536);
        });
        t.true(
          work <= WORK_PER_BYTE * bytes.length + WORK_OF_ANY_FRAME,
          `${name}: ${String(work)} for ${String(bytes.length)} bytes`,
        );
      }
    }
  });
}

test('work grows with the bytes of a stream that arrives byte by byte', (t) => {
  const frame = `{"id":1,"result":"${'x'.repeat(16 * SMALL)}","error":null}`;
  const bytes = line(frame);
  const work = workOf(() => {
    decodeAll(bytes, usual, 1);
  });
  t.true(
    work <= WORK_PER_BYTE * bytes.length + WORK_OF_ANY_FRAME,
    `${String(work)} for ${String(bytes.length)} bytes`,
  );
});

test('work grows with the bytes of what is sent', (t) => {
  for (const { name, value } of hostileValues) {
    for (const params of [[value(16 * SMALL)], ['1', value(SMALL), '2']]) {
      const work = workOf(() => {
        try {
          encodeRequest(1, 'm', params, deep);
        } catch (thrown) {
          if (!(thrown instanceof BridgeError)) throw thrown;
        }
      });
      const bytes = Buffer.byteLength(params.join());
      t.true(
        work <= WORK_PER_BYTE * bytes + WORK_OF_ANY_FRAME,
        `${name}: ${String(work)} for ${String(bytes)} bytes`,
      );
    }
  }
});

test.serial(
  'hostile frames decode alike, and neither codec blocks',
  async (t) => {
    for (const { name, frame } of hostileFrames) {
      const bytes = line(frame(LARGE)).toString('base64');
      const request = {
        op: 'decode',
        limits: deep,
        stream: 'from peer',
        chunks: [bytes],
      } as const;
      const [inGo, inTs] = await both(go.ask(request), ts.ask(request));
      assertSame(inTs, inGo, name, request);
    }
    t.pass();
  },
);

test.serial(
  'hostile values are sent alike, and neither codec hangs',
  async (t) => {
    for (const { name, value } of hostileValues) {
      const request = {
        op: 'encode',
        limits: deep,
        message: {
          kind: 'request',
          id: 1,
          method: toBase64('m'),
          params: [toBase64(value(LARGE))],
          result: null,
          error: null,
        },
      } as const;
      const [inGo, inTs] = await both(go.ask(request), ts.ask(request));
      assertSame(inTs, inGo, name, request);
    }
    t.pass();
  },
);

test.serial(
  'as many values as a frame may have are read and sent alike, and one more',
  async (t) => {
    const limits = { maxFrameBytes: 64 * LARGE, maxNesting: 8 };
    const own = '{,,['.length;
    for (const count of [MAX_VALUES - own, MAX_VALUES - own + 1]) {
      const value = `[${'1,'.repeat(count - 1)}1]`;
      const frame = line(`{"id":1,"method":"m","params":[${value}]}`);
      const chunks = [frame.toString('base64')];
      const decoding = {
        op: 'decode',
        limits,
        stream: 'from peer',
        chunks,
      } as const;
      const encoding = {
        op: 'encode',
        limits,
        message: {
          kind: 'request',
          id: 1,
          method: toBase64('m'),
          params: [toBase64(value)],
          result: null,
          error: null,
        },
      } as const;
      for (const request of [decoding, encoding]) {
        const [inGo, inTs] = await both(go.ask(request), ts.ask(request));
        t.deepEqual(inTs, inGo);
        t.is(
          JSON.stringify(inGo).includes('(maxValues)'),
          count > MAX_VALUES - own,
        );
      }
    }
  },
);

test('a frame over the limit is refused before more than one chunk behind it is there', (t) => {
  const limits = { maxFrameBytes: LARGE, maxNesting: 8 };
  const decoder = new FrameDecoder(limits, 'test');
  const chunk = Buffer.alloc(65_536, 0x20);
  let fed = 0;
  const thrown = t.throws(() => {
    while (fed < 4 * LARGE) {
      decoder.feed(chunk);
      fed += chunk.length;
      decoder.next();
    }
  });
  t.is(
    thrown.message,
    `test: byte ${String(LARGE)}: expected a frame of at most ${String(LARGE)} bytes (maxFrameBytes)`,
  );
  t.true(fed <= LARGE + chunk.length);
});

test('decoding takes memory in proportion to the bytes of a frame', async (t) => {
  const megabytes = 4;
  // Node and the loader take about 40.
  const heap = 40 + 14 * megabytes;
  const child = new Process(process.execPath, [
    `--max-old-space-size=${String(heap)}`,
    '--import=tsx',
    join(import.meta.dirname, 'fixture-memory.ts'),
    String(megabytes << 20),
  ]);
  t.teardown(() => child.kill());
  const { code } = await child.exited;
  t.is(code, 0, `out of memory at: ${child.stdout.at(-1) ?? ''}`);
  t.is(child.stdout.at(-1), 'done');
});
