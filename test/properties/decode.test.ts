import test, { type ExecutionContext } from 'ava';
import type fc from 'fast-check';

import { both, goCodec, tsCodec } from './codec.js';
import { holds } from './property.js';
import { assertSame } from './same.js';
import { streams } from './stream-arbitraries.js';
import type { DecodeRequest } from './wire.js';

const go = goCodec();
const ts = tsCodec();
test.after.always(async () => {
  await Promise.all([go.stop(), ts.stop()]);
});

/** Both codecs give the same messages, then the same error, however the bytes were cut. Returns how many streams passed. */
async function decodeAlike(
  t: ExecutionContext,
  requests: fc.Arbitrary<DecodeRequest>,
): Promise<{ accepted: number; refused: number }> {
  const tally = { accepted: 0, refused: 0 };
  await holds(t, requests, async (request) => {
    const [inGo, inTs] = await both(go.ask(request), ts.ask(request));
    assertSame(inTs, inGo, 'TypeScript differs from Go (want)', request);
    const chunks = [whole(request)];
    const uncut = await ts.ask({ ...request, chunks });
    assertSame(uncut, inTs, 'one chunk differs from many (want)', request);
    tally[inGo.failure === '' ? 'accepted' : 'refused'] += 1;
  });
  t.log(`${String(tally.accepted)} accepted, ${String(tally.refused)} refused`);
  return tally;
}

function whole({ chunks }: DecodeRequest): string {
  const parts = chunks.map((chunk) => Buffer.from(chunk, 'base64'));
  return Buffer.concat(parts).toString('base64');
}

test.serial('frames near the rules decode alike', async (t) => {
  const { accepted, refused } = await decodeAlike(t, streams.near);
  if (accepted + refused === 1) return; // one input, repeated by its path
  // Or the generators have lost what they are for.
  t.true(accepted * 10 > refused && refused * 10 > accepted);
});

test.serial('frames with changed bytes decode alike', async (t) => {
  await decodeAlike(t, streams.mutated);
});

test.serial('random bytes decode alike', async (t) => {
  await decodeAlike(t, streams.random);
});

test.serial('bytes near UTF-8 decode alike', async (t) => {
  await decodeAlike(t, streams.nearUtf8);
});
