/** What one candidate's slice of a round showed, in nanoseconds. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  /** Distance between the quartiles: the spread. */
  readonly iqr: number;
}

/** An estimate with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export type Verdict = 'pass' | 'fail' | 'undecided';

/** How far above its target a row's interval may reach. */
export const TOLERANCE = 0.02;

const RESAMPLES = 2000;

/** The q-quantile of sorted values, between two of them in proportion. */
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
 * The median, with the 95 % interval of the bootstrap: the middle of what the
 * median is in samples of the same size, drawn from the values with
 * replacement.
 *
 * @param random gives numbers from 0 up to 1, without 1
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

/** Whether a value that should be at most `target` is: the whole interval decides. */
export function verdict({ low, high }: Interval, target: number): Verdict {
  const limit = target + TOLERANCE;
  if (high < limit) return 'pass';
  return low > limit ? 'fail' : 'undecided';
}
