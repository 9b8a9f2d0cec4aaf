import { ProtocolError } from '@agd-bridge/bridge';

import { overLimit, type CodecLimits } from './decode.js';
import { asciiText, decodeUtf8 } from './utf8.js';

const NEWLINE = 0x0a;
/**
 * Largest chunk that is decoded without the buffer, if it is one whole frame.
 */
const MOST_WHOLE_BYTES = 64 * 1024;
const INITIAL_BYTES = 64 * 1024;
// A buffer up to this size is reused: reused memory costs less than new memory.
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Splits a stream of bytes into frames at `\n`, across chunk boundaries.
 * Feed a chunk, then call next until it returns undefined. The Go counterpart
 * is `go/bridge/jsonrpc1/frames.go`.
 */
export class FrameDecoder {
  readonly #limits: Pick<CodecLimits, 'maxFrameBytes'>;
  readonly #stream: string;
  // Bytes head … tail have not been returned yet; head … scanned contain no
  // newline.
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #head = 0;
  #scanned = 0;
  #tail = 0;
  /**
   * A frame that was decoded without the buffer: it precedes the buffer's
   * content.
   */
  #whole: string | undefined;

  /** @param stream names the stream in errors: `from go` */
  constructor(limits: Pick<CodecLimits, 'maxFrameBytes'>, stream: string) {
    this.#limits = limits;
    this.#stream = stream;
  }

  /** Whether every fed byte has been returned. */
  get empty(): boolean {
    return this.#whole === undefined && this.#head === this.#tail;
  }

  /** Adds bytes. They are copied: the caller may reuse the chunk. */
  feed(chunk: Uint8Array): void {
    if (this.empty && this.#isWhole(chunk)) {
      this.#whole = asciiText(chunk.subarray(0, -1));
      if (this.#whole !== undefined) return;
    }
    this.#reserve(chunk.length);
    this.#buffer.set(chunk, this.#tail);
    this.#tail += chunk.length;
  }

  /**
   * Returns the next whole frame without its newline; undefined when more bytes
   * are needed.
   *
   * @throws {ProtocolError} a frame over maxFrameBytes, or one that is not
   * UTF-8
   */
  next(): string | undefined {
    if (this.#whole !== undefined) {
      const whole = this.#whole;
      this.#whole = undefined;
      return whole;
    }
    if (this.#scanned === this.#tail) return undefined;
    const found = this.#buffer
      .subarray(this.#scanned, this.#tail)
      .indexOf(NEWLINE);
    const end = found === -1 ? this.#tail : this.#scanned + found;
    if (end - this.#head > this.#limits.maxFrameBytes) {
      throw overLimit(this.#limits.maxFrameBytes, this.#stream);
    }
    if (found === -1) {
      this.#scanned = end;
      return undefined;
    }
    const bytes = this.#buffer.subarray(this.#head, end);
    this.#head = this.#scanned = end + 1;
    return decodeUtf8(bytes, this.#stream);
  }

  /**
   * Marks the end of the stream.
   *
   * @throws {ProtocolError} the stream ended inside a frame
   */
  end(): void {
    const rest = this.#tail - this.#head;
    if (rest > 0) {
      throw new ProtocolError(
        `${this.#stream}: byte ${String(rest)}: expected "\\n", not the end of the stream`,
      );
    }
  }

  /** Whether a chunk is exactly one frame with its newline. */
  #isWhole(chunk: Uint8Array): boolean {
    const end = chunk.length - 1;
    return (
      end >= 0 &&
      chunk.length <= MOST_WHOLE_BYTES &&
      end <= this.#limits.maxFrameBytes &&
      chunk.indexOf(NEWLINE) === end
    );
  }

  /**
   * Makes room after the tail. The buffer grows with received bytes, never with
   * an announced size.
   */
  #reserve(bytes: number): void {
    const live = this.#tail - this.#head;
    if (live === 0) {
      this.#head = this.#scanned = this.#tail = 0;
      if (this.#buffer.length > KEPT_BYTES) {
        this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
      }
    }
    if (this.#tail + bytes <= this.#buffer.length) return;
    let target = this.#buffer;
    if (live + bytes > target.length / 2) {
      target = Buffer.allocUnsafeSlow(
        Math.max(2 * target.length, live + bytes),
      );
    }
    this.#buffer.copy(target, 0, this.#head, this.#tail);
    this.#buffer = target;
    this.#scanned -= this.#head;
    this.#head = 0;
    this.#tail = live;
  }
}
