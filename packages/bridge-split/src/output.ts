import { closeSync, constants, openSync, writeSync } from 'node:fs';

import { LocalError } from '@agd-bridge/bridge';
import { queueFault } from '@agd-bridge/bridge-peer';
import { frameBytes, type Frame } from '@agd-bridge/jsonrpc1';

import { MARKER, type RingWriter } from './ring.js';

const SCRATCH_BYTES = 64 * 1024;
// A scratch buffer up to this size is reused: reused memory costs less than new
// memory.
const MOST_SCRATCH_BYTES = 4 * 1024 * 1024;
const FLUSH_MS = 1000;
// Delays between write retries to a full pipe, in ms; the last one repeats.
// Node cannot report that a pipe is writable without owning the queue.
const RETRY_MS = [0, 0, 1, 1, 2, 4, 8];

/** A non-blocking destination of bytes. */
export interface Sink {
  /**
   * Returns the number of bytes taken.
   *
   * @throws Error the peer no longer reads, or has broken a rule
   */
  write(bytes: Uint8Array): number;
  close(): void;
}

/** A pipe, through its own non-blocking file description. */
export class PipeSink implements Sink {
  readonly #fd: number;

  /** @param path names the pipe */
  constructor(path: string) {
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  }

  /** The descriptor; owned by this object. */
  get fd(): number {
    return this.#fd;
  }

  write(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') return 0;
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * A stream that starts in the pipe, writes the marker there, and continues in
 * the ring.
 */
export class SharedSink implements Sink {
  readonly #pipe: PipeSink;
  readonly #ring: RingWriter;
  #shared = false;

  constructor(path: string, ring: RingWriter) {
    this.#pipe = new PipeSink(path);
    this.#ring = ring;
  }

  /** Whether the stream has switched to the ring. */
  get shared(): boolean {
    return this.#shared;
  }

  write(bytes: Uint8Array): number {
    if (!this.#shared) {
      if (this.#pipe.write(Uint8Array.of(MARKER)) === 0) return 0;
      this.#shared = true;
    }
    return this.#ring.write(bytes);
  }

  close(): void {
    this.#pipe.close();
  }
}

/**
 * The writing end: a queue for bytes that the sink does not take at once.
 * Frames are written whole and in order.
 */
export class Output {
  readonly #sink: Sink;
  readonly #stream: string;
  readonly #maxQueuedBytes: number;
  readonly #onBroken: (error: unknown) => void;
  #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  /** Bytes that the sink has not taken yet. */
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #retries = 0;
  #brokenBy: unknown;
  #state: 'open' | 'flushing' | 'broken' | 'closed' = 'open';

  /**
   * @param sink owned by the Output from now on
   * @param stream names the frames, for errors
   * @param onBroken called once, asynchronously, with the sink's error
   */
  constructor(
    sink: Sink,
    stream: string,
    maxQueuedBytes: number,
    onBroken: (error: unknown) => void,
  ) {
    this.#stream = stream;
    this.#sink = sink;
    this.#maxQueuedBytes = maxQueuedBytes;
    this.#onBroken = onBroken;
  }

  /**
   * Whether other code may write to the sink: it is open, and no frame waits
   * for it.
   */
  get idle(): boolean {
    return this.#state === 'open' && this.#queue.length === 0;
  }

  /** Whether frames wait for the sink. */
  get blocked(): boolean {
    return this.#queue.length > 0;
  }

  /** Whether the peer no longer reads. */
  get broken(): boolean {
    return this.#state === 'broken';
  }

  /** The sink's error, once it is broken. */
  get brokenBy(): unknown {
    return this.#brokenBy;
  }

  /** @throws {LocalError} this frame would exceed maxQueuedBytes */
  checkRoom(frame: Frame): void {
    const [queued, most] = [this.#queuedBytes, this.#maxQueuedBytes];
    // A UTF-16 code unit takes at most 3 bytes: short frames need no counting.
    if (frame.length * 3 <= most - queued) return;
    const bytes = frameBytes(frame);
    const fault = queueFault(this.#stream, queued, bytes, most);
    if (fault !== undefined) throw new LocalError(fault);
  }

  /**
   * Writes one frame, or queues the bytes that the sink does not take.
   *
   * @throws {LocalError} the queue would exceed maxQueuedBytes; nothing was
   * sent
   */
  send(frame: Frame): void {
    if (this.#state !== 'open') return;
    this.checkRoom(frame);
    if (typeof frame !== 'string') {
      const written = this.#queue.length === 0 ? this.#write(frame) : 0;
      // Copied: the caller reuses the memory.
      if (written < frame.length) {
        this.#enqueue(Buffer.from(frame.subarray(written)));
      }
    } else if (this.#queue.length === 0 && this.#fits(frame)) {
      const end = this.#scratch.write(frame, 0, 'utf8');
      this.#scratch[end] = 0x0a;
      const written = this.#write(this.#scratch.subarray(0, end + 1));
      // Not copied: the scratch buffer is not reused before the queue is empty.
      if (written <= end) {
        this.#enqueue(this.#scratch.subarray(written, end + 1));
      }
    } else {
      this.#enqueue(Buffer.from(`${frame}\n`));
      this.flush();
    }
    this.#retryLater();
  }

  /** Whether the scratch buffer has room for a frame; grows it if allowed. */
  #fits(frame: string): boolean {
    if (frame.length * 3 < this.#scratch.length) return true;
    const bytes = Buffer.byteLength(frame) + 1;
    if (bytes > MOST_SCRATCH_BYTES) return false;
    if (bytes > this.#scratch.length) {
      this.#scratch = Buffer.allocUnsafeSlow(
        Math.min(2 * bytes, MOST_SCRATCH_BYTES),
      );
    }
    return true;
  }

  /**
   * Writes queued bytes until the sink is full; returns whether it took any.
   */
  flush(): boolean {
    let progress = false;
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const written = this.#write(head);
      if (written === 0) break;
      progress = true;
      this.#queuedBytes -= written;
      if (written === head.length) this.#queue.shift();
      else this.#queue[0] = head.subarray(written);
    }
    return progress;
  }

  /**
   * Closes after the queue is written. If the peer does not read it in time,
   * the queue is dropped.
   */
  close(): void {
    if (this.#state === 'flushing' || this.#state === 'closed') return;
    if (this.#state === 'broken' || !this.blocked) {
      this.#finish();
      return;
    }
    this.#state = 'flushing';
    setTimeout(() => {
      this.#finish();
    }, FLUSH_MS).unref();
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#drop();
    this.#sink.close();
  }

  /** Returns the number of bytes that the sink took. */
  #write(bytes: Buffer): number {
    try {
      return this.#sink.write(bytes);
    } catch (error) {
      this.#break(error);
      setImmediate(this.#onBroken, error);
      return 0;
    }
  }

  #break(error: unknown): void {
    this.#state = 'broken';
    this.#brokenBy = error;
    this.#drop();
  }

  #enqueue(bytes: Buffer): void {
    if (this.#state === 'broken') return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  #drop(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #retryLater(): void {
    if (this.#timer !== undefined || !this.blocked) return;
    const again = () => {
      this.#timer = undefined;
      if (this.#state === 'closed') return;
      this.#retries = this.flush() ? 0 : this.#retries + 1;
      if (this.blocked) this.#retryLater();
      else if (this.#state === 'flushing') this.#finish();
    };
    const delay = RETRY_MS[Math.min(this.#retries, RETRY_MS.length - 1)] ?? 0;
    this.#timer = delay === 0 ? setImmediate(again) : setTimeout(again, delay);
  }
}
