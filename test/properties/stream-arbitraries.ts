import fc from 'fast-check';

import { goodFrame, limits, nearFrame } from './frame-arbitraries.js';
import type { DecodeRequest } from './wire.js';

/** A few frames, mostly each with its newline. */
function streamOf(frame: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const last = fc.oneof(
    { arbitrary: fc.constant('\n'), weight: 9 },
    { arbitrary: fc.constant(''), weight: 1 },
  );
  return fc
    .tuple(fc.array(frame, { minLength: 1, maxLength: 3 }), last)
    .map(([frames, last]) => Buffer.from(frames.join('\n') + last));
}

const interestingByte = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      ...Buffer.from('{}[]",:\\ \t\n\r\0unullx0129eE+-.'),
    ),
    weight: 8,
  },
  // Parts of sequences in UTF-8, good and bad.
  fc.constantFrom(
    ...[0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xff],
  ),
  fc.nat({ max: 255 }),
);

interface Edit {
  readonly how: string;
  readonly at: number;
  readonly byte: number;
  readonly count: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  how: fc.oneof(
    {
      arbitrary: fc.constantFrom('set', 'insert', 'delete', 'repeat'),
      weight: 15,
    },
    { arbitrary: fc.constant('cut'), weight: 1 },
  ),
  at: fc.nat(),
  byte: interestingByte,
  count: fc.integer({ min: 1, max: 20 }),
});

function edited(bytes: Buffer, { how, at: nat, byte, count }: Edit): Buffer {
  const at = nat % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (how) {
    case 'set':
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.of(byte), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(count)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, count), after]);
    default:
      return before;
  }
}

/** Good streams with a few bytes changed. */
const mutatedStream = fc
  .tuple(streamOf(goodFrame), fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([bytes, edits]) => edits.reduce(edited, bytes));

const randomBytes = fc
  .array(interestingByte, { maxLength: 64 })
  .map((bytes) => Buffer.from(bytes));

/** Sequences of UTF-8, most of them whole, in a string. */
const nearUtf8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }).map((s) => Buffer.from(s)),
      fc
        .tuple(
          fc.constantFrom('', 'c3', 'e2', 'e0', 'ed', 'f0', 'f4', 'f8', 'c1'),
          fc.constantFrom('', 'a9', '80', '9f80', '9080', '908080', '80808080'),
        )
        .map(([lead, rest]) => Buffer.from(lead + rest, 'hex')),
    ),
    { maxLength: 8 },
  )
  .map((parts) =>
    Buffer.concat([
      Buffer.from('{"id":1,"method":"m","params":["'),
      ...parts,
      Buffer.from('"]}\n'),
    ]),
  );

/** A stream in chunks, cut anywhere. */
function chunked(stream: fc.Arbitrary<Buffer>): fc.Arbitrary<DecodeRequest> {
  const cuts = fc.oneof(
    { withCrossShrink: true },
    fc.array(fc.nat(), { maxLength: 5 }),
    fc.constant('every byte' as const),
  );
  return fc
    .record({ limits, stream, cuts })
    .map(({ limits, stream, cuts }) => ({
      op: 'decode',
      limits,
      stream: 'from peer',
      chunks: cut(stream, cuts).map((chunk) => chunk.toString('base64')),
    }));
}

function cut(bytes: Buffer, cuts: readonly number[] | 'every byte'): Buffer[] {
  const ends =
    cuts === 'every byte'
      ? [...bytes.keys()]
      : cuts.map((nat) => nat % (bytes.length + 1)).sort((a, b) => a - b);
  const chunks: Buffer[] = [];
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return chunks;
}

export const streams = {
  near: chunked(streamOf(nearFrame)),
  mutated: chunked(mutatedStream),
  random: chunked(randomBytes),
  nearUtf8: chunked(nearUtf8),
};
