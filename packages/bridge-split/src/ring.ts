import { LocalError, ProtocolError } from '@agd-bridge/bridge';

import type { Memory } from './addon.js';

/**
 * Two rings in shared memory, one for each direction. The layout is in
 * docs/protocol.md; the Go counterpart is `go/bridge/shm`.
 *
 * Nothing in the memory is trusted: each side keeps a private copy of its own
 * index and checks the peer's index at each use.
 */

// The layout, in bytes; every number has 32 bits.
const MAGIC = 0x72646761;
const LAYOUT = 1;
const HEADER_BYTES = 4096;
const OFFSET = {
  magic: 0,
  layout: 4,
  ringBytes: 8,
  controlFromPeer: 1024,
  controlToPeer: 2048,
  tail: 0,
  head: 128,
  state: 256,
} as const;

/**
 * States of a ring's consumer: what the producer must do once it has written
 * bytes.
 */
const AWAKE = 0;
const ASLEEP = 1;
const DOORBELL = 2;

const FEW_BYTES = 64 * 1024;
/**
 * A longer write is published in steps of this size, so that the peer copies
 * one step while the next is written.
 */
const STEP_BYTES = 128 * 1024;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

/**
 * The byte in a pipe, between two frames, after which the stream continues in
 * the ring: ASCII's shift out, which no JSON text contains.
 */
export const MARKER = 0x0e;

/** Both rings of a shared-memory region. */
export interface Rings {
  readonly fromPeer: RingReader;
  readonly toPeer: RingWriter;
  /**
   * Sets the peer's end of the pipe; returns the function that exchanges two
   * frames, to be used once both streams are in the rings.
   */
  exchange(fd: number): Memory['exchange'];
}

/**
 * Our private indices, a word each: the head of our inbound ring, the tail of
 * our outbound ring, and the last value read of the peer's head there.
 */
const [HEAD, TAIL, THEIRS] = [0, 1, 2];

/**
 * The rings of a region that the peer made.
 *
 * @param stream names the peer's frames, for errors
 * @throws {LocalError} the region has another version
 */
export function ringsOf(memory: Memory, stream: string): Rings {
  const words = new Int32Array(memory.buffer);
  const wordAt = (offset: number): number => words[offset / WORD_BYTES] ?? 0;
  const ringBytes = wordAt(OFFSET.ringBytes);
  const size = HEADER_BYTES + 2 * ringBytes;
  if (
    wordAt(OFFSET.magic) !== MAGIC ||
    wordAt(OFFSET.layout) !== LAYOUT ||
    memory.buffer.byteLength !== size ||
    (ringBytes & (ringBytes - 1)) !== 0
  ) {
    throw new LocalError("the shared memory is another version's");
  }
  const indices = new Int32Array(3);
  const ring = (control: number, data: number): Ring => ({
    memory,
    words,
    indices,
    control,
    bytes: new Uint8Array(memory.buffer, data, ringBytes),
    stream,
  });
  const from = [OFFSET.controlFromPeer, HEADER_BYTES] as const;
  const to = [OFFSET.controlToPeer, HEADER_BYTES + ringBytes] as const;
  return {
    fromPeer: new RingReader(ring(...from)),
    toPeer: new RingWriter(ring(...to)),
    exchange: (fd) => {
      memory.share(indices, ...from, ...to, ringBytes, fd);
      return (frame) => memory.exchange(frame);
    },
  };
}

interface Ring {
  readonly memory: Memory;
  readonly words: Int32Array;
  /** Private; the region has copies for the peer. */
  readonly indices: Int32Array;
  readonly control: number;
  readonly bytes: Uint8Array;
  readonly stream: string;
}

/** Number of bytes between two indices, which wrap at 2³². */
function used({ bytes, stream }: Ring, tail: number, head: number): number {
  const count = (tail - head) >>> 0;
  if (count <= bytes.length) return count;
  throw new ProtocolError(
    `${stream}: a ring in shared memory holds more than its size`,
  );
}

/** Consumes the bytes that the peer writes. */
export class RingReader {
  readonly #ring: Ring;
  readonly #few = Buffer.allocUnsafeSlow(FEW_BYTES);
  readonly #tailAt: number;
  readonly #headAt: number;
  readonly #stateAt: number;

  constructor(ring: Ring) {
    this.#ring = ring;
    this.#tailAt = (ring.control + OFFSET.tail) / WORD_BYTES;
    this.#headAt = (ring.control + OFFSET.head) / WORD_BYTES;
    this.#stateAt = (ring.control + OFFSET.state) / WORD_BYTES;
  }

  /** The name of the peer's frames in errors. */
  get stream(): string {
    return this.#ring.stream;
  }

  get #head(): number {
    return this.#ring.indices[HEAD] ?? 0;
  }

  /**
   * Passes on the available bytes, valid during the call only; returns whether
   * there were any. Not reentrant.
   *
   * @throws {ProtocolError} the ring is corrupt
   */
  take(onBytes: (bytes: Uint8Array) => void): boolean {
    const { words, bytes } = this.#ring;
    const head = this.#head;
    const tail = Atomics.load(words, this.#tailAt);
    const count = used(this.#ring, tail, head);
    if (count === 0) return false;
    const start = head & (bytes.length - 1);
    const end = start + count;
    this.#handOver(bytes.subarray(start, end), onBytes);
    if (end > bytes.length) {
      this.#handOver(bytes.subarray(0, end - bytes.length), onBytes);
    }
    this.#ring.indices[HEAD] = tail;
    Atomics.store(words, this.#headAt, tail);
    return true;
  }

  /**
   * Small chunks are copied first, because the callback may read them more than
   * once while the peer can change them. It copies large ones itself.
   */
  #handOver(bytes: Uint8Array, onBytes: (bytes: Uint8Array) => void): void {
    if (bytes.length > FEW_BYTES) {
      onBytes(bytes);
      return;
    }
    this.#few.set(bytes);
    onBytes(this.#few.subarray(0, bytes.length));
  }

  /**
   * Blocks until there are bytes; false if the other end of the pipe `fd` is
   * closed and the ring is empty.
   */
  wait(fd: number): boolean {
    return this.#ring.memory.wait(this.#ring.control, this.#head >>> 0, fd);
  }

  /** Sets the consumer's state: we poll, no doorbell needed. */
  stayAwake(): void {
    Atomics.store(this.#ring.words, this.#stateAt, AWAKE);
  }

  /**
   * Asks the peer for a doorbell at the next bytes; returns true if there are
   * some already.
   */
  awaitDoorbell(): boolean {
    const { words } = this.#ring;
    Atomics.store(words, this.#stateAt, DOORBELL);
    return Atomics.load(words, this.#tailAt) !== this.#head;
  }
}

/** Writes the bytes that the peer consumes. */
export class RingWriter {
  readonly #ring: Ring;
  readonly #tailAt: number;
  readonly #headAt: number;
  readonly #stateAt: number;

  constructor(ring: Ring) {
    this.#ring = ring;
    this.#tailAt = (ring.control + OFFSET.tail) / WORD_BYTES;
    this.#headAt = (ring.control + OFFSET.head) / WORD_BYTES;
    this.#stateAt = (ring.control + OFFSET.state) / WORD_BYTES;
  }

  /**
   * Writes as much as there is room for; returns the number of bytes.
   *
   * @throws {ProtocolError} the ring is corrupt
   */
  write(source: Uint8Array): number {
    const { words, bytes, indices } = this.#ring;
    const tail = indices[TAIL] ?? 0;
    const head = Atomics.load(words, this.#headAt);
    const room = bytes.length - used(this.#ring, tail, head);
    indices[THEIRS] = head;
    const count = Math.min(room, source.length);
    for (let at = 0; at < count; at += STEP_BYTES) {
      this.#publish(source.subarray(at, Math.min(at + STEP_BYTES, count)));
    }
    return count;
  }

  /** Writes bytes that there is room for, and wakes the peer if it sleeps. */
  #publish(source: Uint8Array): void {
    const { words, bytes, memory, control, indices } = this.#ring;
    const tail = indices[TAIL] ?? 0;
    const start = tail & (bytes.length - 1);
    const first = Math.min(source.length, bytes.length - start);
    if (first === source.length) bytes.set(source, start);
    else {
      bytes.set(source.subarray(0, first), start);
      bytes.set(source.subarray(first), 0);
    }
    const end = (tail + source.length) | 0;
    indices[TAIL] = end;
    Atomics.store(words, this.#tailAt, end);
    if (
      Atomics.load(words, this.#stateAt) === ASLEEP &&
      Atomics.compareExchange(words, this.#stateAt, ASLEEP, AWAKE) === ASLEEP
    ) {
      memory.wake(control);
    }
  }
}
