import { readFile } from 'node:fs/promises';

/** One message that passed over the bridge, as `agd start --bridge-trace` wrote it. */
export interface TracedFrame {
  readonly time: string;
  readonly from: 'agd' | 'agvm';
  readonly frame: {
    readonly id: number | null;
    readonly method?: string;
    readonly params?: readonly unknown[];
    readonly result?: unknown;
    readonly error?: unknown;
  };
}

/** Reads the frames of a trace; a last line that is still being written is left out. */
export async function readTrace(file: string): Promise<TracedFrame[]> {
  const text = await readFile(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TracedFrame | { readonly head: object })
    .filter((line) => 'frame' in line);
}

/** A call with its response. */
export interface TracedCall {
  readonly from: 'agd' | 'agvm';
  readonly method: string;
  readonly params: readonly unknown[];
  readonly result: unknown;
  readonly error: unknown;
}

/**
 * The calls of a trace in the order of their requests, each with its response.
 */
export function calls(trace: readonly TracedFrame[]): TracedCall[] {
  const found: TracedCall[] = [];
  trace.forEach(({ from, frame }, index) => {
    if (frame.method === undefined || frame.id === null) return;
    const answer = trace
      .slice(index + 1)
      .find(
        (other) =>
          other.from !== from &&
          other.frame.method === undefined &&
          other.frame.id === frame.id,
      );
    found.push({
      from,
      method: frame.method,
      params: frame.params ?? [],
      result: answer?.frame.result,
      error: answer?.frame.error,
    });
  });
  return found;
}

/**
 * The calls between the request of a block's action and its response, or the
 * end of the trace.
 */
export function callsDuring(
  trace: readonly TracedFrame[],
  method: string,
  height: number,
): TracedCall[] {
  const start = trace.findIndex(
    ({ frame }) =>
      frame.method === method &&
      (frame.params?.[0] as { blockHeight?: number }).blockHeight === height,
  );
  if (start < 0) return [];
  const id = trace[start]?.frame.id;
  const end = trace.findIndex(
    ({ from, frame }, index) =>
      index > start &&
      from === 'agvm' &&
      frame.method === undefined &&
      frame.id === id,
  );
  return calls(trace.slice(start, end < 0 ? trace.length : end + 1));
}
