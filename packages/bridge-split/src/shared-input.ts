import { ProtocolError } from '@agd-bridge/bridge';

import { Input, type Sinks, type Source } from './input.js';
import { MARKER, type RingReader } from './ring.js';

const NEWLINE = 0x0a;

export interface SharedSinks extends Sinks {
  /** Called when the event loop finds that the ring is corrupt. */
  readonly onError: (error: unknown) => void;
}

/**
 * The reading end of a stream that starts in a pipe and, after the marker,
 * continues in a ring. From then on a byte in the pipe is a doorbell for the
 * event loop, and the pipe's end of file is the peer's end.
 */
export class SharedInput implements Source {
  readonly #pipe: Input;
  readonly #ring: RingReader;
  readonly #sinks: SharedSinks;
  #shared = false;
  /** The bytes from the pipe end at a frame boundary. */
  #atBoundary = true;
  /** The rule that the peer broke in the pipe. */
  #fault: ProtocolError | undefined;
  /** Whether a doorbell is requested from the peer. */
  #belled = false;
  /** Whether a turn is scheduled in the event loop. */
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

  /** The pipe's descriptor; owned by this object. */
  get fd(): number {
    return this.#pipe.fd;
  }

  /** Whether the stream has switched to the ring. */
  get shared(): boolean {
    return this.#shared;
  }

  hold(): void {
    if (this.#belled) this.#stayAwake();
  }

  /**
   * The doorbell is requested in the event loop's next turn only: callSync
   * calls often come in bursts, and writing a word that both sides use is slow.
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
    // A late doorbell may be in the pipe; bytes before the end are taken first.
    const found = this.#pipe.readAvailable();
    if (this.#ring.take(this.#sinks.onBytes)) return 'bytes';
    return found === 'end' ? 'end' : 'none';
  }

  close(): void {
    this.#closed = true;
    this.#pipe.close();
  }

  /** Handles the last frame before the marker, and doorbells after it. */
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
        `${this.#ring.stream}: switched to shared memory in the middle of a frame`,
      );
    }
  }

  /**
   * Returns the result of a read of the pipe. @throws {ProtocolError} the peer
   * broke a rule there
   */
  #checked<T>(found: T): T {
    if (this.#fault) throw this.#fault;
    return found;
  }

  /** One turn of the event loop: takes the bytes available now. */
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
    // A handler may have closed this input.
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

  /**
   * Bytes that arrive during a turn wait for the next one, so that a busy peer
   * cannot block the event loop.
   */
  #later(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }
}
