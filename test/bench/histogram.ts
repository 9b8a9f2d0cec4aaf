/** Ratio of each bin's upper edge to its lower one. */
const STEP = 1.05;

/**
 * The bins of a histogram: `[nanoseconds, count]`, the shortest duration first.
 */
export type Bins = readonly (readonly [number, number])[];

/**
 * Counts samples in bins of equal ratio, so that all samples of a run fit into
 * a file.
 */
export class Histogram {
  readonly #counts = new Map<number, number>();

  add(samples: readonly number[]): void {
    for (const sample of samples) {
      const bin = Math.floor(Math.log(Math.max(sample, 1)) / Math.log(STEP));
      this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + 1);
    }
  }

  /** Returns the middles of the non-empty bins. */
  get bins(): Bins {
    return [...this.#counts]
      .sort(([a], [b]) => a - b)
      .map(([bin, count]) => [
        Math.round(STEP ** (bin + 0.5) * 10) / 10,
        count,
      ]);
  }
}
