import type { Message } from '@agd-bridge/jsonrpc1';

interface Item {
  readonly message: Message;
  readonly bytes: number;
}

/** Messages that wait for their turn. */
export class Inbox {
  #items: Item[] = [];
  #head = 0;
  #bytes = 0;

  get empty(): boolean {
    return this.#head === this.#items.length;
  }

  /** Bytes of the frames that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  push(message: Message, bytes: number): void {
    this.#items.push({ message, bytes });
    this.#bytes += bytes;
  }

  shift(): Message | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= item.bytes;
    if (this.#head * 2 > this.#items.length) {
      // Each item is moved at most once for each that was taken.
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item.message;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
