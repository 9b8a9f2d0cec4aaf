import { ProtocolError } from '@agd-bridge/bridge';

import { Input, type Sinks, type Source } from './input.js';
import { MARKER, type RingReader } from './ring.js';

const NEWLINE = 0x0a;

export interface SharedSinks extends Sinks {
  /** The event loop has found the ring corrupt. */
  readonly onError: (error: unknown) => void;
}

/**
 * The reading end of a stream that begins in a pipe and, after the marker,
 * goes on in a ring. From then on a byte in the pipe is a doorbell for the
 * event loop, and the pipe's end is agd's.
 */
export class SharedInput implements Source {
  readonly #pipe: Input;
  readonly #ring: RingReader;
  readonly #sinks: SharedSinks;
  #shared = false;
  /** What came through the pipe ended with a frame's end. */
  #atBoundary = true;
  /** What agd did wrong in the pipe. */
  #fault: ProtocolError | undefined;
  /** agd is to ring. */
  #belled = false;
  /** A turn of ours is in the event loop's queue. */
  #scheduled = false;
  #closed = false;

  /** @param path names the pipe */
  constructor(path: string, ring: RingReader, sinks: SharedSinks) {
    this.#ring = ring;
    this.#sinks = sinks;
    this.#pipe = new Input(path, {
      onBytes: (bytes) => {
        this.#fromPipe(bytes);
      },
      onRead: () => {
        if (this.#fault) sinks.onError(this.#fault);
        else if (this.#shared) this.#turn();
        else sinks.onRead();
      },
      onEnd: () => {
        this.#turn();
        sinks.onEnd();
      },
    });
  }

  /** The descriptor of the pipe; ours. */
  get fd(): number {
    return this.#pipe.fd;
  }

  /** Whether the stream goes on in the ring. */
  get shared(): boolean {
    return this.#shared;
  }

  hold(): void {
    if (this.#belled) this.#stayAwake();
  }

  /**
   * The doorbell waits for the event loop's next turn: after one callSync
   * often comes another, and a number that both sides use is slow to write.
   */
  release(): void {
    if (this.#shared && !this.#belled) this.#later();
  }

  readBlocking(): boolean {
    if (!this.#shared) return this.#checked(this.#pipe.readBlocking());
    if (this.#ring.take(this.#sinks.onBytes)) return true;
    return (
      this.#ring.wait(this.#pipe.fd) && this.#ring.take(this.#sinks.onBytes)
    );
  }

  readAvailable(): 'bytes' | 'none' | 'end' {
    if (!this.#shared) return this.#checked(this.#pipe.readAvailable());
    if (this.#ring.take(this.#sinks.onBytes)) return 'bytes';
    // A doorbell may be there, late; what came before the end is taken first.
    const found = this.#pipe.readAvailable();
    if (this.#ring.take(this.#sinks.onBytes)) return 'bytes';
    return found === 'end' ? 'end' : 'none';
  }

  close(): void {
    this.#closed = true;
    this.#pipe.close();
  }

  /** The last frame before the marker, and doorbells after it. */
  #fromPipe(bytes: Uint8Array): void {
    if (this.#shared) return;
    const marker = bytes.indexOf(MARKER);
    const before = marker < 0 ? bytes : bytes.subarray(0, marker);
    if (before.length > 0) this.#atBoundary = before.at(-1) === NEWLINE;
    this.#sinks.onBytes(before);
    if (marker < 0) return;
    if (this.#atBoundary) this.#shared = true;
    else {
      this.#fault ??= new ProtocolError(
        `${this.#ring.stream}: it went on in shared memory in the middle of a frame`,
      );
    }
  }

  /** What a read of the pipe found. @throws {ProtocolError} agd broke a rule there */
  #checked<T>(found: T): T {
    if (this.#fault) throw this.#fault;
    return found;
  }

  /** One turn of the event loop: takes what is there now. */
  #turn(): void {
    if (!this.#shared || this.#closed) return;
    this.#stayAwake();
    try {
      this.#ring.take(this.#sinks.onBytes);
    } catch (error) {
      this.#sinks.onError(error);
      return;
    }
    this.#sinks.onRead();
    // A handler may have closed us.
    if (this.#isClosed()) return;
    this.#belled = true;
    if (this.#ring.awaitDoorbell()) this.#later();
  }

  #stayAwake(): void {
    this.#belled = false;
    this.#ring.stayAwake();
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  /** What came meanwhile waits for the next turn, so that a busy agd cannot keep the event loop from turning. */
  #later(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }
}
