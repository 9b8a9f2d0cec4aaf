/** What both sides of a bridge hold, without garbage; in bytes. */
export interface Sample {
  /** JavaScript's heap, and what its objects hold outside of it. */
  readonly jsHeap: number;
  readonly goHeap: number;
  readonly goroutines: number;
  /** The resident memory of JavaScript's process, and of Go's: in-process, the same one. */
  readonly jsResident: number;
  readonly goResident: number;
}

/**
 * How much of something the later half of the samples has more than the earlier
 * one, on average. The largest step from one sample to the next is left out: a
 * buffer may grow once to what a burst needs, and is kept (`FrameDecoder`),
 * while what is lost makes every step.
 */
export function growth(samples: readonly Sample[], what: keyof Sample): number {
  const values = samples.map((sample) => sample[what]);
  const steps = values.slice(1).map((value, i) => value - (values[i] ?? 0));
  const largest = Math.max(0, ...steps);
  const at = steps.indexOf(largest) + 1;
  const rest = values.map((value, i) =>
    at > 0 && i >= at ? value - largest : value,
  );
  const middle = Math.ceil(rest.length / 2);
  const mean = (part: readonly number[]) =>
    part.reduce((sum, value) => sum + value, 0) / part.length;
  return mean(rest.slice(middle)) - mean(rest.slice(0, middle));
}
