import {
  NEUTRAL,
  RIGHT,
  WIDTH,
  drawing,
  element,
  escaped,
  intervals,
  label,
  line,
  logScale,
  type Colours,
} from '@agd-bridge/measure';

import type { Bins } from '../histogram.js';
import type { Growth } from './growth.js';
import type { CaseReport, TargetResult } from './report.js';
import { formatOf } from './table.js';

/** The cumulative distribution of all calls, a line for each candidate. */
export function distributionPlot(report: CaseReport, colour: Colours): string {
  const format = formatOf(report);
  const [top, bottom, left] = [12, 230, 50];
  // Ends at the 99.9th percentile.
  const edges = report.candidates.flatMap(({ distribution }) => [
    atShare(distribution, 0.001),
    atShare(distribution, 0.999),
  ]);
  const x = logScale(edges, left, WIDTH - RIGHT);
  const y = (share: number): number => bottom - share * (bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    line(left, y(share), WIDTH - RIGHT, y(share), 'grid').concat(
      label(left - 8, y(share) + 4, `${String(share * 100)} %`, 'end'),
    ),
  );
  const ticks = x.ticks.map((tick) =>
    line(x(tick), top, x(tick), bottom, 'grid').concat(
      label(x(tick), bottom + 18, format(tick), 'middle'),
    ),
  );
  const lines = report.candidates.map(({ name, distribution }) => {
    const total = distribution.reduce((sum, [, count]) => sum + count, 0);
    let below = 0;
    const points = distribution.map(([nanoseconds, count]) => {
      below += count;
      const at = Math.min(Math.max(x(nanoseconds), left), WIDTH - RIGHT);
      return `${at.toFixed(1)},${y(below / total).toFixed(1)}`;
    });
    return curve(name, points, colour);
  });
  return drawing(bottom + 28, 'Share of calls that took no longer', [
    ...grid,
    ...ticks,
    ...lines,
  ]);
}

/** Cost by size, both logarithmic, a line for each candidate. */
export function growthPlot(growth: Growth, colour: Colours): string {
  const { sizes, candidates } = growth;
  const format = formatOf(growth);
  const [top, bottom, left] = [12, 230, 70];
  const x = logScale(sizes, left, WIDTH - RIGHT);
  const y = logScale(
    candidates.flatMap(({ values }) => values),
    bottom,
    top,
  );
  const grid = y.ticks.map((tick) =>
    line(left, y(tick), WIDTH - RIGHT, y(tick), 'grid').concat(
      label(left - 8, y(tick) + 4, format(tick), 'end'),
    ),
  );
  const ticks = sizes.map((size) =>
    line(x(size), top, x(size), bottom, 'grid').concat(
      label(x(size), bottom + 18, size.toLocaleString('en'), 'middle'),
    ),
  );
  const lines = candidates.map(({ name, values }) => {
    const points = values.map(
      (value, index) =>
        `${x(sizes[index] ?? NaN).toFixed(1)},${y(value).toFixed(1)}`,
    );
    return curve(name, points, colour);
  });
  return drawing(bottom + 28, growth.name, [...grid, ...ticks, ...lines]);
}

/** A candidate's line through points, `x,y`. */
function curve(
  name: string,
  points: readonly string[],
  colour: Colours,
): string {
  return element(
    'polyline',
    {
      points: points.join(' '),
      class: 'line',
      style: `stroke:${colour(name)}`,
    },
    element('title', {}, escaped(name)),
  );
}

/** Each candidate's median ÷ the in-process bridge's, with its interval. */
export function ratioPlot(report: CaseReport, colour: Colours): string {
  const rows = report.candidates.flatMap(({ name, ratio }) =>
    ratio ? [{ name, ...ratio, colour: colour(name) }] : [],
  );
  return intervals('p50 ÷ in-process', rows);
}

/** Each measured target: the interval of its ratio, and the limit. */
export function targetPlot(targets: readonly TargetResult[]): string {
  const rows = targets.flatMap(({ name, value, low, high, target, pass }) =>
    value === null || low === null || high === null
      ? []
      : [
          {
            name,
            value: share(value, target),
            low: share(low, target),
            high: share(high, target),
            colour: pass === true ? NEUTRAL : 'var(--fail)',
          },
        ],
  );
  return intervals('measured ÷ target', rows, 420);
}

/**
 * Clamps a value to the plot's logarithmic scale: a difference may be zero or
 * negative.
 */
function share(value: number, target: number): number {
  return Math.max(value / target, 0.01);
}

function atShare(bins: Bins, share: number): number {
  const total = bins.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [value, count] of bins) {
    below += count;
    if (below >= share * total) return value;
  }
  return bins.at(-1)?.[0] ?? 1;
}
