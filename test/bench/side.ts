/**
 * What is measured. `downcall`: JavaScript calls Go and blocks for the answer.
 * `async downcall`: it awaits the answer. `upcall`: Go calls JavaScript, and
 * takes the time. `start`: a program, from its start to its first word.
 * `store`: a block's work on a store, from the begin of END_BLOCK until the
 * chain has committed.
 */
export type Op = 'downcall' | 'async downcall' | 'upcall' | 'start' | 'store';

/** One slice of a measurement. */
export interface Slice {
  readonly op: Op;
  /** How many bytes of JSON travel, each way. */
  readonly bytes: number;
  /** How many calls are under way at a time. */
  readonly outstanding: number;
  /** How many operations a block makes on a store. */
  readonly operations?: number;
  /** How long to measure; `least` and `most` bound the number of calls. */
  readonly milliseconds: number;
  readonly least: number;
  readonly most: number;
}

/** A candidate, opened in its own process. */
export interface Side {
  /** A call that blocks, with this payload, and how many of them to time together (default 1). */
  downcall?(payload: string): { call: () => void; together?: number };
  /** A call to await, with this payload. */
  asyncDowncall?(payload: string): () => Promise<void>;
  /** Lets Go call; settles with what each call took, in nanoseconds. */
  upcalls?(payload: string, slice: Slice): Promise<readonly number[]>;
  close(): void;
}

/** JSON of the given size in bytes, as in a chain's storage: records of text, all ASCII. */
export function payloadOf(bytes: number): string {
  const record = '{"address":"agoric1abc123","denom":"uist","amount":"654321"}';
  const count = Math.max(Math.floor((bytes - 5) / (record.length + 1)), 0);
  const head = `[${`${record},`.repeat(count)}"`;
  return `${head}${'x'.repeat(Math.max(bytes - head.length - 2, 0))}"]`;
}

/** @throws Error the answer is not the payload */
export function expectEcho(answer: string, payload: string): void {
  if (answer.length !== payload.length) {
    throw new Error(
      `an answer of ${String(answer.length)} characters, not ${String(payload.length)}`,
    );
  }
}
