/** The summary of one candidate's slice of a round, in nanoseconds. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  /** Interquartile range. */
  readonly iqr: number;
}

/** An estimate with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export type Verdict = 'pass' | 'fail' | 'undecided';

/** How far an interval's upper end may exceed its target; added to the target. */
export const TOLERANCE = 0.02;

const RESAMPLES = 2000;

/** The q-quantile of sorted values, linearly interpolated. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new RangeError('no values');
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at % 1);
}

export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

export function summarize(samples: readonly number[]): Summary {
  const sorted = Float64Array.from(samples).sort();
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    iqr: quantile(sorted, 0.75) - quantile(sorted, 0.25),
  };
}

/**
 * The median with its 95 % bootstrap interval: the central 95 % of medians of
 * samples of the same size, drawn from the values with replacement.
 *
 * @param random returns numbers in [0, 1)
 */
export function bootstrapMedian(
  values: readonly number[],
  random: () => number,
): Interval {
  const medians = new Float64Array(RESAMPLES);
  const drawn = new Float64Array(values.length);
  for (let i = 0; i < RESAMPLES; i += 1) {
    for (let j = 0; j < drawn.length; j += 1) {
      drawn[j] = values[Math.floor(random() * values.length)] ?? NaN;
    }
    drawn.sort();
    medians[i] = quantile(drawn, 0.5);
  }
  medians.sort();
  return {
    value: median(values),
    low: quantile(medians, 0.025),
    high: quantile(medians, 0.975),
  };
}

/**
 * Whether a value meets its upper limit `target`; the whole interval decides.
 */
export function verdict({ low, high }: Interval, target: number): Verdict {
  const limit = target + TOLERANCE;
  if (high < limit) return 'pass';
  return low > limit ? 'fail' : 'undecided';
}
