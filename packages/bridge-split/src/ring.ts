import { LocalError, ProtocolError } from '@agd-bridge/bridge';

import type { Memory } from './addon.js';

/**
 * Two rings in shared memory, one for each direction. The layout is in
 * docs/protocol.md; the twin in Go is `go/bridge/shm`.
 *
 * Nothing in the memory is trusted: each side keeps its own index to itself
 * and checks the peer's at each use.
 */

// The layout, in bytes; every number has 32 bits.
const MAGIC = 0x72646761;
const LAYOUT = 1;
const HEADER_BYTES = 4096;
const OFFSET = {
  magic: 0,
  layout: 4,
  ringBytes: 8,
  controlFromAgd: 1024,
  controlToAgd: 2048,
  tail: 0,
  head: 128,
  state: 256,
} as const;

/** What a ring's consumer wants of its producer, once bytes are there. */
const AWAKE = 0;
const ASLEEP = 1;
const DOORBELL = 2;

const FEW_BYTES = 64 * 1024;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** The byte in a pipe, between two frames, after which the stream goes on in the ring: ASCII's shift out, which no JSON text contains. */
export const MARKER = 0x0e;

/** Both rings of a memory. */
export interface Rings {
  readonly fromAgd: RingReader;
  readonly toAgd: RingWriter;
  /** Says which pipe's end is agd's; returns how to exchange two frames at once, once both streams are in the rings. */
  exchange(fd: number): Memory['exchange'];
}

/** Our own indices, a word each: the head of what we read, the tail of what we write, and what agd's head there was when somebody looked. */
const [HEAD, TAIL, THEIRS] = [0, 1, 2];

/**
 * The rings of a memory that agd made.
 *
 * @param stream names agd's frames, for errors
 * @throws {LocalError} it is another version's
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
  const from = [OFFSET.controlFromAgd, HEADER_BYTES] as const;
  const to = [OFFSET.controlToAgd, HEADER_BYTES + ringBytes] as const;
  return {
    fromAgd: new RingReader(ring(...from)),
    toAgd: new RingWriter(ring(...to)),
    exchange: (fd) => {
      memory.share(indices, ...from, ...to, ringBytes, fd);
      return (frame) => memory.exchange(frame);
    },
  };
}

interface Ring {
  readonly memory: Memory;
  readonly words: Int32Array;
  /** Ours; the memory has copies for agd. */
  readonly indices: Int32Array;
  readonly control: number;
  readonly bytes: Uint8Array;
  readonly stream: string;
}

/** How many bytes lie between two indices, which wrap at 2³². */
function used({ bytes, stream }: Ring, tail: number, head: number): number {
  const count = (tail - head) >>> 0;
  if (count <= bytes.length) return count;
  throw new ProtocolError(
    `${stream}: a ring in shared memory holds more than its size`,
  );
}

/** Takes what agd wrote. */
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

  /** What errors call agd's frames. */
  get stream(): string {
    return this.#ring.stream;
  }

  get #head(): number {
    return this.#ring.indices[HEAD] ?? 0;
  }

  /**
   * Hands over what is there, valid during the call only; tells whether
   * anything was. The call must not come back here.
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

  /** Few bytes are copied first: whoever gets them may look more than once. Many are copied anyway. */
  #handOver(bytes: Uint8Array, onBytes: (bytes: Uint8Array) => void): void {
    if (bytes.length > FEW_BYTES) {
      onBytes(bytes);
      return;
    }
    this.#few.set(bytes);
    onBytes(this.#few.subarray(0, bytes.length));
  }

  /** Blocks until there are bytes; false if the other end of the pipe `fd` is gone, and there are none. */
  wait(fd: number): boolean {
    return this.#ring.memory.wait(this.#ring.control, this.#head >>> 0, fd);
  }

  /** We look by ourselves. */
  stayAwake(): void {
    Atomics.store(this.#ring.words, this.#stateAt, AWAKE);
  }

  /** agd is to ring at the next bytes; true if there are some already. */
  awaitDoorbell(): boolean {
    const { words } = this.#ring;
    Atomics.store(words, this.#stateAt, DOORBELL);
    return Atomics.load(words, this.#tailAt) !== this.#head;
  }
}

/** Writes what agd takes. */
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
   * Writes what there is room for; returns how many bytes.
   *
   * @throws {ProtocolError} the ring is corrupt
   */
  write(source: Uint8Array): number {
    const { words, bytes, memory, control, indices } = this.#ring;
    const tail = indices[TAIL] ?? 0;
    const head = Atomics.load(words, this.#headAt);
    const room = bytes.length - used(this.#ring, tail, head);
    indices[THEIRS] = head;
    const count = Math.min(room, source.length);
    if (count === 0) return 0;
    const start = tail & (bytes.length - 1);
    const first = Math.min(count, bytes.length - start);
    bytes.set(source.subarray(0, first), start);
    if (first < count) bytes.set(source.subarray(first, count), 0);
    const end = (tail + count) | 0;
    indices[TAIL] = end;
    Atomics.store(words, this.#tailAt, end);
    if (
      Atomics.load(words, this.#stateAt) === ASLEEP &&
      Atomics.compareExchange(words, this.#stateAt, ASLEEP, AWAKE) === ASLEEP
    ) {
      memory.wake(control);
    }
    return count;
  }
}
