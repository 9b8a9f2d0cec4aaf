import test from 'ava';

import { both, goCodec, tsCodec, type Codec } from './codec.js';
import { encodeRequest } from './frame-arbitraries.js';
import { holds } from './property.js';
import { assertSame } from './same.js';
import {
  fromBase64,
  toBase64,
  type EncodeRequest,
  type Outcome,
  type WireMessage,
} from './wire.js';

const go = goCodec();
const ts = tsCodec();
test.after.always(async () => {
  await Promise.all([go.stop(), ts.stop()]);
});

/** In Go a text is UTF-8: what is not, cannot be asked for. */
function forGo(request: EncodeRequest): EncodeRequest {
  const { method, error } = request.message;
  const message = {
    ...request.message,
    method: method && wellFormed(method),
    error: error && wellFormed(error),
  };
  return { ...request, message };
}

/** What arrives: raw texts without the white space around them, and texts that UTF-8 has. */
function arriving(message: WireMessage): WireMessage {
  const { method, params, result, error, kind } = message;
  return {
    ...message,
    method: method && wellFormed(method),
    params: params?.map(trimmed) ?? null,
    result: kind === 'response' ? trimmed(result ?? '') : null,
    error: error && wellFormed(error),
  };
}

function wellFormed(base64: string): string {
  return toBase64(Buffer.from(fromBase64(base64)).toString());
}

function trimmed(base64: string): string {
  return toBase64(fromBase64(base64).replace(/^[ \t]+|[ \t]+$/g, ''));
}

async function decode(
  codec: Codec,
  frame: string,
  { limits }: EncodeRequest,
): Promise<Outcome> {
  const line = `${Buffer.from(frame, 'base64').toString('latin1')}\n`;
  const chunks = [Buffer.from(line, 'latin1').toString('base64')];
  return codec.ask({ op: 'decode', limits, stream: 'from peer', chunks });
}

test.serial(
  'messages encode alike, are refused alike, and arrive',
  async (t) => {
    const tally = { sent: 0, refused: 0 };
    await holds(t, encodeRequest, async (request) => {
      const [inGo, inTs] = await both(go.ask(forGo(request)), ts.ask(request));
      assertSame(inTs, inGo, 'TypeScript differs from Go (want)', request);
      const { frame } = inGo;
      tally[frame === null ? 'refused' : 'sent'] += 1;
      if (frame === null) return;
      const want = {
        messages: [arriving(request.message)],
        frame: null,
        failure: '',
        failureKind: '',
      };
      const [goGot, tsGot] = await both(
        decode(go, frame, request),
        decode(ts, frame, request),
      );
      assertSame(goGot, want, 'Go decodes another message', request);
      assertSame(tsGot, want, 'TypeScript decodes another message', request);
    });
    t.log(`${String(tally.sent)} sent, ${String(tally.refused)} refused`);
    t.true(tally.sent > tally.refused && tally.refused * 20 > tally.sent);
  },
);
