import { LocalError, type Json } from '@agd-bridge/bridge';
import {
  FrameDecoder,
  decode,
  encodeError,
  encodeRequest,
  encodeResult,
} from '@agd-bridge/jsonrpc1';
import test from 'ava';

const limits = { maxFrameBytes: 1024, maxNesting: 8 };

test('a raw lone surrogate is not sent: it has no UTF-8', (t) => {
  t.throws(() => encodeRequest(1, 'm', ['1', '"é\ud800"'], limits), {
    instanceOf: LocalError,
    message: 'params[1]: byte 3: expected valid UTF-8',
  });
});

test('a method must be a non-empty string', (t) => {
  for (const method of ['', undefined, 1]) {
    t.throws(() => encodeRequest(1, method as string, [], limits), {
      instanceOf: LocalError,
      message: 'method must be a non-empty string',
    });
  }
});

test('a lone surrogate in a method or an error is sent as U+FFFD', (t) => {
  t.is(
    encodeRequest(1, 'm\ud800', [], limits),
    '{"id":1,"method":"m\ufffd","params":[]}',
  );
  t.is(
    encodeError(1, '\udc00\ud83d\ude00', limits),
    '{"id":1,"result":null,"error":"\ufffd😀"}',
  );
});

test('params longer than any string are over the limit', (t) => {
  const param = `"${'x'.repeat(2 ** 28)}"`;
  t.throws(() => encodeRequest(1, 'm', [param, param], limits), {
    instanceOf: LocalError,
    message:
      'frame: byte 1024: expected a frame of at most 1024 bytes (maxFrameBytes)',
  });
});

test('params must be an array of texts', (t) => {
  t.throws(() => encodeRequest(1, 'm', '1' as unknown as Json[], limits), {
    instanceOf: LocalError,
    message: 'params must be an array of JSON texts',
  });
  t.throws(() => encodeRequest(1, 'm', [1 as unknown as Json], limits), {
    instanceOf: LocalError,
    message: 'params[0]: expected a string of JSON text',
  });
});

test('a frame over the limit, in bytes, is not sent', (t) => {
  const fits = JSON.stringify(`${'é'.repeat(495)}x`);
  const frame = encodeResult(1, fits, limits);
  t.is(Buffer.byteLength(frame), 1024);
  t.throws(() => encodeResult(1, JSON.stringify('é'.repeat(496)), limits), {
    instanceOf: LocalError,
    message:
      'frame: byte 1024: expected a frame of at most 1024 bytes (maxFrameBytes)',
  });
  t.is(decode(frame, limits, 'test').kind, 'response');
});

test('a stream cut at every byte gives the same frames', (t) => {
  const frames = ['{"id":1,"result":"é𝄞","error":null}', '[]', '', '"\u2028"'];
  const bytes = Buffer.from(frames.map((frame) => `${frame}\n`).join(''));
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 1) {
      const decoder = new FrameDecoder(limits, 'test');
      const got: string[] = [];
      let start = 0;
      for (const end of [first, second, bytes.length]) {
        decoder.feed(bytes.subarray(start, end));
        for (let f; (f = decoder.next()) !== undefined;) got.push(f);
        start = end;
      }
      decoder.end();
      t.deepEqual(got, frames);
    }
  }
});

test('frames larger than the first buffer, next to small ones', (t) => {
  const decoder = new FrameDecoder({ maxFrameBytes: 8 << 20 }, 'test');
  const sizes = [200_000, 3, 3_000_000, 0, 70_000];
  for (let i = 1; i < 500; i += 1) sizes.push((i * 7919) % 90_001);
  const frames = sizes.map((n, i) => String(i % 10).repeat(n));
  const bytes = Buffer.from(frames.map((frame) => `${frame}\n`).join(''));
  const got: string[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    decoder.feed(bytes.subarray(at, at + 65_536));
    for (let f; (f = decoder.next()) !== undefined;) got.push(f);
  }
  decoder.end();
  t.true(got.every((frame, i) => frame === frames[i]));
  t.is(got.length, frames.length);
});

test('decoding is linear in the depth that the limit allows', (t) => {
  const deep = { maxFrameBytes: 1 << 20, maxNesting: 200_000 };
  const frame = encodeResult(
    1,
    '['.repeat(150_000) + ']'.repeat(150_000),
    deep,
  );
  t.is(decode(frame, deep, 'test').kind, 'response');
});
