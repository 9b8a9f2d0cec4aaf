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

/** How much of something the later half of the samples has more than the earlier one, on average. */
export function growth(samples: readonly Sample[], what: keyof Sample): number {
  const middle = Math.ceil(samples.length / 2);
  const mean = (part: readonly Sample[]) =>
    part.reduce((sum, sample) => sum + sample[what], 0) / part.length;
  return mean(samples.slice(middle)) - mean(samples.slice(0, middle));
}
