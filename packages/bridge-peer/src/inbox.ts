import type { Message } from '@agd-bridge/jsonrpc1';

interface Item {
  readonly message: Message;
  readonly bytes: number;
}

/** A queue of inbound messages. */
export class Inbox {
  #items: Item[] = [];
  #head = 0;
  #bytes = 0;

  get empty(): boolean {
    return this.#head === this.#items.length;
  }

  /** Total size of the queued frames, in bytes. */
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
      // Amortized: at most one move of an item for each item taken.
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
