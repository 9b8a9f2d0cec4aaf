/**
 * Takes the place of `src/buffer-writer.js` of `@endo/zip` 1.1
 * (./bundler-hooks.ts). That one allocates a new buffer and copies the old one
 * at each write, so that the time of an archive grows with the square of its
 * size.
 */
import { realModule } from './module-hooks.js';

interface Writer {
  ensureCanSeek(required: number): void;
}

const real = await realModule<{
  BufferWriter: new (capacity?: number) => Writer;
}>(import.meta.url);

/** A BufferWriter that copies only when it must grow. */
export class BufferWriter extends real.BufferWriter {
  #capacity: number;

  constructor(capacity = 16) {
    super(capacity);
    this.#capacity = capacity;
  }

  /** Makes room for `required` bytes from the start of the buffer. */
  override ensureCanSeek(required: number): void {
    if (required <= this.#capacity) return;
    super.ensureCanSeek(required);
    while (this.#capacity < required) this.#capacity *= 2;
  }
}
