/**
 * The measured operation. `downcall`: JavaScript calls Go and blocks until the
 * response. `spaced downcall`: the same, half a millisecond after the one
 * before, with work in between that empties the caches. `async downcall`: JavaScript awaits the response. `upcall`: Go
 * calls JavaScript, and measures the time. `start`: a program, from its start
 * to its first output. `store`: a block's work on a store, from the start of
 * END_BLOCK until the chain has committed. `storage`: the same for entries of
 * chain storage. `children`: one downcall for the children of a path.
 */
export type Op =
  | 'downcall'
  | 'spaced downcall'
  | 'async downcall'
  | 'upcall'
  | 'start'
  | 'store'
  | 'storage'
  | 'children';

/** One slice of a measurement. */
export interface Slice {
  readonly op: Op;
  /** Size of the JSON in each direction, in bytes. */
  readonly bytes: number;
  /** Number of concurrent calls. */
  readonly outstanding: number;
  /** Number of operations that a block makes on a store, or of children. */
  readonly operations?: number;
  /** Measuring time; `least` and `most` bound the number of calls. */
  readonly milliseconds: number;
  readonly least: number;
  readonly most: number;
}

/** A candidate, opened in its own process. */
export interface Side {
  /**
   * A blocking call with this payload, and how many calls to time together
   * (default 1).
   */
  downcall?(payload: string): { call: () => void; together?: number };
  /** A call to await, with this payload. */
  asyncDowncall?(payload: string): () => Promise<void>;
  /** Makes Go call; resolves with the duration of each call, in nanoseconds. */
  upcalls?(payload: string, slice: Slice): Promise<readonly number[]>;
  close(): void;
}

/** Whether an operation is one call between the two languages. */
export function isCall(op: Op): boolean {
  return op.endsWith('call');
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
