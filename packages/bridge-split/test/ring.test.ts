import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import { LocalError, ProtocolError } from '@agd-bridge/bridge';

import type { Memory } from '../src/addon.js';
import { MARKER, ringsOf } from '../src/ring.js';
import { SharedInput } from '../src/shared-input.js';

const RING = 64;
const SIZE = 4096 + 2 * RING;
/** 32-bit words: see docs/protocol.md. */
const at = { magic: 0, layout: 1, ringBytes: 2, fromPeer: 256, toPeer: 512 };
const tail = 0;
const head = 32;
const state = 64;

/** A memory as agd makes it, but smaller; it records wake-ups. */
function memory(size = SIZE, ring = RING) {
  const buffer = new ArrayBuffer(size);
  const words = new Int32Array(buffer);
  words[at.magic] = 0x72646761;
  words[at.layout] = 1;
  words[at.ringBytes] = ring;
  const woken: number[] = [];
  const shared: Int32Array[] = [];
  const mapped: Memory = {
    buffer,
    wait: () => false,
    share: (indices) => shared.push(indices),
    exchange: () => 0,
    wake: (control) => woken.push(control),
  };
  return { words, woken, shared, bytes: new Uint8Array(buffer), mapped };
}

test("bytes wrap around the buffer's end and the indices' end", (t) => {
  const { words, bytes, mapped } = memory();
  const { fromPeer, toPeer } = ringsOf(mapped, 'from agd');
  let next = 0;
  for (let round = 0; round < 100; round++) {
    const sent = Uint8Array.from({ length: (round % RING) + 1 }, () => next++);
    t.is(toPeer.write(sent), sent.length);
    // agd reads the bytes from its ring and writes the same bytes to ours.
    const start = (words[at.toPeer + tail] ?? 0) - sent.length;
    for (const [index] of sent.entries()) {
      const offset = 4096 + ((start + index) & (RING - 1));
      bytes[offset] = bytes[offset + RING] ?? 0;
    }
    words[at.toPeer + head] = words[at.fromPeer + tail] =
      words[at.toPeer + tail] ?? 0;
    const got: number[] = [];
    t.true(fromPeer.take((part) => got.push(...part)));
    t.deepEqual(got, [...sent]);
    t.false(fromPeer.take(() => undefined));
    t.is(words[at.fromPeer + head], words[at.fromPeer + tail]);
  }
});

test('a full ring accepts as many bytes as fit', (t) => {
  const { words, mapped } = memory();
  const { toPeer } = ringsOf(mapped, 'from agd');
  t.is(toPeer.write(new Uint8Array(RING + 1)), RING);
  t.is(toPeer.write(new Uint8Array(1)), 0);
  words[at.toPeer + head] = 3;
  t.is(toPeer.write(new Uint8Array(10)), 3);
});

test("the addon sees agd's head as the last write saw it, at most a ring behind", (t) => {
  const { words, shared, mapped } = memory();
  const rings = ringsOf(mapped, 'from agd');
  rings.exchange(7);
  const theirs = (): number | undefined => shared[0]?.[2];
  for (let round = 1; round <= 5; round++) {
    rings.toPeer.write(new Uint8Array(RING));
    t.is(theirs(), (round - 1) * RING);
    words[at.toPeer + head] = round * RING;
  }
});

test('a sleeping agd is woken once', (t) => {
  const { words, woken, mapped } = memory();
  const { toPeer } = ringsOf(mapped, 'from agd');
  toPeer.write(new Uint8Array(1));
  words[at.toPeer + state] = 1;
  toPeer.write(new Uint8Array(1));
  toPeer.write(new Uint8Array(1));
  t.deepEqual(woken, [at.toPeer * 4]);
});

test('agd can copy the first part of a long write while the rest is written', (t) => {
  const ring = 2 ** 20;
  const { words, bytes, mapped } = memory(4096 + 2 * ring, ring);
  const published: number[] = [];
  const { toPeer } = ringsOf(
    {
      ...mapped,
      wake: () => {
        published.push(words[at.toPeer + tail] ?? 0);
        words[at.toPeer + state] = 1;
      },
    },
    'from agd',
  );
  words[at.toPeer + state] = 1;
  const sent = Uint8Array.from({ length: ring }, (_, i) => i % 251);
  t.is(toPeer.write(sent), ring);
  t.deepEqual(bytes.subarray(4096 + ring), sent);
  t.true(published.length > 1);
  t.true((published[0] ?? ring) <= ring / 4);
  t.is(published.at(-1), ring);
});

test('a corrupt ring is a protocol error', (t) => {
  const { words, mapped } = memory();
  const { fromPeer, toPeer } = ringsOf(mapped, 'from agd');
  const expected = {
    instanceOf: ProtocolError,
    message: 'from agd: a ring in shared memory holds more than its size',
  };
  words[at.fromPeer + tail] = RING + 1;
  t.throws(() => fromPeer.take(() => undefined), expected);
  words[at.toPeer + head] = 1;
  t.throws(() => toPeer.write(new Uint8Array(1)), expected);
});

for (const parts of [[[0x0a, 0x7b, MARKER]], [[0x7b], [MARKER]]]) {
  for (const blocking of [true, false]) {
    const how = `${parts.length === 1 ? 'at once' : 'later'}, ${blocking ? 'in callSync' : 'in the event loop'}`;
    test(`a mark in the middle of a frame is a protocol error: ${how}`, async (t) => {
      const dir = mkdtempSync(join(tmpdir(), 'ring-'));
      const pipe = join(dir, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const fd = openSync(pipe, 'r+');
      const { fromPeer } = ringsOf(memory().mapped, 'from agd');
      let settle: (error: unknown) => void = () => undefined;
      const found = new Promise<unknown>((resolve) => (settle = resolve));
      const input = new SharedInput(pipe, fromPeer, {
        onBytes: () => undefined,
        onRead: () => undefined,
        onEnd: () => undefined,
        onError: settle,
      });
      try {
        for (const part of parts) {
          writeSync(fd, Uint8Array.from(part));
          if (blocking && part.includes(MARKER)) {
            try {
              input.readBlocking();
            } catch (error) {
              settle(error);
            }
          } else if (blocking) input.readBlocking();
        }
        const error = await found;
        t.true(error instanceof ProtocolError);
        t.is(
          (error as Error).message,
          'from agd: switched to shared memory in the middle of a frame',
        );
      } finally {
        input.close();
        closeSync(fd);
        rmSync(dir, { recursive: true });
      }
    });
  }
}

test('a memory of another version is refused', (t) => {
  for (const break_ of [
    (words: Int32Array) => (words[at.magic] = 1),
    (words: Int32Array) => (words[at.layout] = 2),
    (words: Int32Array) => (words[at.ringBytes] = 2 * RING),
    (words: Int32Array) => (words[at.ringBytes] = 0),
  ]) {
    const { words, mapped } = memory();
    break_(words);
    t.throws(() => ringsOf(mapped, 'from agd'), { instanceOf: LocalError });
  }
});
