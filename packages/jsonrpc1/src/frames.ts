import { ProtocolError } from '@agd-bridge/bridge';

import { overLimit, type CodecLimits } from './decode.js';
import { asciiText, decodeUtf8 } from './utf8.js';

const NEWLINE = 0x0a;
/** What comes alone is small. */
const MOST_WHOLE_BYTES = 64 * 1024;
const INITIAL_BYTES = 64 * 1024;
// Memory that was used before costs less than new memory does.
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Cuts a stream of bytes into frames at `\n`. Chunk boundaries mean nothing:
 * feed what was read, then take frames until there is none. Its twin in Go is
 * `go/bridge/jsonrpc1/frames.go`.
 */
export class FrameDecoder {
  readonly #limits: Pick<CodecLimits, 'maxFrameBytes'>;
  readonly #stream: string;
  // Bytes head … tail are not handed out yet; head … scanned hold no newline.
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #head = 0;
  #scanned = 0;
  #tail = 0;
  /** A frame that came alone: it comes before what is in the buffer. */
  #whole: string | undefined;

  /** @param stream names the stream for errors: `from agd` */
  constructor(limits: Pick<CodecLimits, 'maxFrameBytes'>, stream: string) {
    this.#limits = limits;
    this.#stream = stream;
  }

  /** Whether everything that was fed has been handed out. */
  get empty(): boolean {
    return this.#whole === undefined && this.#head === this.#tail;
  }

  /** Adds bytes that were read. They are copied: the caller may use the chunk again. */
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
   * The next whole frame without its newline; undefined when more bytes are needed.
   *
   * @throws {ProtocolError} a frame over maxFrameBytes, or one that is not UTF-8
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
   * The stream has ended.
   *
   * @throws {ProtocolError} in the middle of a frame
   */
  end(): void {
    const rest = this.#tail - this.#head;
    if (rest > 0) {
      throw new ProtocolError(
        `${this.#stream}: byte ${String(rest)}: expected "\\n", not the end of the stream`,
      );
    }
  }

  /** Whether a chunk is one frame with its newline. */
  #isWhole(chunk: Uint8Array): boolean {
    const end = chunk.length - 1;
    return (
      end >= 0 &&
      chunk.length <= MOST_WHOLE_BYTES &&
      end <= this.#limits.maxFrameBytes &&
      chunk.indexOf(NEWLINE) === end
    );
  }

  /** Makes room behind the tail. Grows with the bytes that came, never with a size that somebody announced. */
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
