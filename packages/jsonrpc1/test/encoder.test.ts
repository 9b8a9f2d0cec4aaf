import { JsonText, LocalError, defaultLimits } from '@agd-bridge/bridge';
import {
  FrameEncoder,
  encodeNotification,
  encodeRequest,
  encodeResult,
  frameBytes,
  frameText,
  type Frame,
} from '@agd-bridge/jsonrpc1';
import test from 'ava';

const limits = { ...defaultLimits, maxNesting: 8, stream: 'to peer' };
const long = JSON.stringify(['é'.repeat(50_000), { '☃': [1, 2.5] }]);

test('frames of text and of bytes are what the functions encode', (t) => {
  const encoder = new FrameEncoder(limits);
  const same = (frame: Frame, text: string) => {
    t.is(frameText(frame), text);
    t.is(frameBytes(frame), Buffer.byteLength(text));
    t.is(typeof frame, text.length < 32 * 1024 ? 'string' : 'object');
    if (typeof frame !== 'string') t.is(frame.at(-1), 0x0a);
  };
  for (const params of [[], ['1'], ['1', long, '"x"', long], [long]]) {
    same(
      encoder.request(7, 'm', params),
      encodeRequest(7, 'm', params, limits),
    );
    same(
      encoder.notification('é', params),
      encodeNotification('é', params, limits),
    );
  }
  same(encoder.result(7, long, []), encodeResult(7, long, limits));
});

test('a long frame larger than the memory kept', (t) => {
  const text = JSON.stringify('x'.repeat(5 * 1024 * 1024));
  const encoder = new FrameEncoder(limits);
  t.is(frameText(encoder.result(1, text, [])), encodeResult(1, text, limits));
});

test('a JsonText is sent as it is, and within the same limits', (t) => {
  const encoder = new FrameEncoder(limits);
  const params = (text: string) => [JsonText.parse(text)];
  t.is(
    frameText(encoder.request(1, 'm', params('{"a":[]}'))),
    '{"id":1,"method":"m","params":[{"a":[]}]}',
  );
  const deep = `${'['.repeat(7)}"${'x'.repeat(1000)}"${']'.repeat(7)}`;
  for (const given of [[deep], params(deep)]) {
    t.throws(() => encoder.request(1, 'm', given), {
      instanceOf: LocalError,
      message:
        'params[0]: byte 6: expected at most 8 levels of nesting (maxNesting)',
    });
  }
});

test('only a text of the class is trusted', (t) => {
  const forged = Object.create(JsonText.prototype) as JsonText;
  t.throws(() => encodeResult(1, forged, limits), { instanceOf: TypeError });
  const alike = { text: '{', depth: 0 } as unknown as JsonText;
  t.throws(() => encodeResult(1, alike, limits), {
    instanceOf: LocalError,
    message: 'result: expected a string of JSON text',
  });
});

test('a result is trusted only if it is one of the params', (t) => {
  const encoder = new FrameEncoder(limits);
  t.is(
    frameText(encoder.result(1, '[1]', ['2', '[1]'])),
    '{"id":1,"result":[1],"error":null}',
  );
  t.throws(() => encoder.result(1, '[1', ['[1]']), {
    instanceOf: LocalError,
    message: 'result: byte 2: expected "," or "]"',
  });
});
