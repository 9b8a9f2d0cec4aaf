import type { Bins } from '../histogram.js';
import type { CaseReport, TargetResult } from './report.js';
import { element, escaped, logScale } from './svg.js';
import { digits, time } from './table.js';

const WIDTH = 720;
const [LEFT, RIGHT] = [190, 24];

/** Told apart also by those who see few colours (after Okabe and Ito). */
const colours = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#e69f00',
  '#000000',
  '#999933',
  '#882255',
  '#777777',
];

/** A candidate's colour, the same in all plots. */
export type Colours = (name: string) => string;

export function coloursOf(names: readonly string[]): Colours {
  return (name) => colours[names.indexOf(name) % colours.length] ?? '#000000';
}

/** How many of all calls were as fast or faster, a line for each candidate. */
export function distributionPlot(report: CaseReport, colour: Colours): string {
  const [top, bottom, left] = [12, 230, 50];
  // Where all but a thousandth of the calls are.
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
      label(x(tick), bottom + 18, time(tick), 'middle'),
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
    return element(
      'polyline',
      { points: points.join(' '), class: 'line', stroke: colour(name) },
      element('title', {}, escaped(name)),
    );
  });
  return drawing(bottom + 28, 'Share of calls that took no longer', [
    ...grid,
    ...ticks,
    ...lines,
  ]);
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
            colour: pass === true ? '#009e73' : '#d55e00',
          },
        ],
  );
  return intervals('measured ÷ target', rows, 330);
}

/** On the plot's scale of logarithms: a difference may be none, or less. */
function share(value: number, target: number): number {
  return Math.max(value / target, 0.01);
}

interface Row {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
}

function intervals(title: string, rows: readonly Row[], left = LEFT): string {
  if (rows.length === 0) return '';
  const step = 24;
  const bottom = rows.length * step + 8;
  const values = rows.flatMap(({ low, high }) => [low / 1.1, high * 1.1]);
  const x = logScale([...values, 0.9, 1.1], left, WIDTH - RIGHT - 40);
  const ticks = x.ticks.map((tick) =>
    line(x(tick), 4, x(tick), bottom, 'grid').concat(
      label(x(tick), bottom + 16, digits(tick), 'middle'),
    ),
  );
  const marks = rows.map(({ name, value, low, high, colour }, index) => {
    const y = index * step + 18;
    return [
      label(left - 10, y + 4, name, 'end'),
      element('line', {
        ...{ x1: x(low), x2: x(high), y1: y, y2: y },
        ...{ stroke: colour, 'stroke-width': 5, 'stroke-opacity': 0.4 },
      }),
      element('circle', { cx: x(value), cy: y, r: 4, fill: colour }),
      label(x(high) + 8, y + 4, digits(value), 'start'),
    ].join('');
  });
  return drawing(bottom + 24, title, [
    ...ticks,
    line(x(1), 4, x(1), bottom, 'one'),
    ...marks,
  ]);
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

function drawing(
  height: number,
  title: string,
  children: readonly string[],
): string {
  return element(
    'svg',
    {
      viewBox: `0 0 ${String(WIDTH)} ${String(height)}`,
      role: 'img',
      'aria-label': title,
    },
    ...children,
  );
}

function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  kind: string,
): string {
  return element('line', { x1, y1, x2, y2, class: kind });
}

function label(x: number, y: number, text: string, anchor: string): string {
  return element('text', { x, y, 'text-anchor': anchor }, escaped(text));
}
