import { digits } from './format.js';
import { element, escaped, logScale } from './svg.js';

/** Width of every plot, in SVG units. */
export const WIDTH = 720;
/** Margins for labels, left and right. */
export const [LEFT, RIGHT] = [190, 24];

/** Distinguishable with colour blindness (after Okabe and Ito). */
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

/** Maps a name to its colour, the same in all plots. */
export type Colours = (name: string) => string;

export function coloursOf(names: readonly string[]): Colours {
  return (name) => colours[names.indexOf(name) % colours.length] ?? '#000000';
}

/** A plot's row: a value with its interval. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
}

/** Rows of intervals on a logarithmic scale, with a line at 1. */
export function intervals(
  title: string,
  rows: readonly Row[],
  left = LEFT,
): string {
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

/** A plot's line: values in order of time. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

/** Values in order of time, on a scale from 0; `format` formats the labels. */
export function seriesPlot(
  title: string,
  rows: readonly Series[],
  format: (value: number) => string,
): string {
  const [top, bottom, left] = [12, 230, 70];
  const count = Math.max(...rows.map(({ values }) => values.length));
  const most = Math.max(...rows.flatMap(({ values }) => values)) * 1.05;
  const x = (index: number): number =>
    left + ((index + 0.5) / count) * (WIDTH - RIGHT - left);
  const y = (value: number): number => bottom - (value / most) * (bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * most);
    return line(left, at, WIDTH - RIGHT, at, 'grid').concat(
      label(left - 8, at + 4, format(share * most), 'end'),
    );
  });
  const marks = rows.map(({ name, colour, values }) => {
    const points = values.map(
      (value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`,
    );
    return [
      element(
        'polyline',
        { points: points.join(' '), class: 'line', stroke: colour },
        element('title', {}, escaped(name)),
      ),
      ...values.map((value, index) =>
        element('circle', { cx: x(index), cy: y(value), r: 3, fill: colour }),
      ),
    ].join('');
  });
  return drawing(bottom + 12, title, [...grid, ...marks]);
}

/** A plot's bar: its parts, stacked. */
export interface Bar {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly value: number }[];
}

/** Stacked bars; `colour` takes a part's name. */
export function barsPlot(
  title: string,
  bars: readonly Bar[],
  colour: Colours,
  format: (value: number) => string,
): string {
  const [left, step, height] = [110, 40, 26];
  const sum = ({ parts }: Bar): number =>
    parts.reduce((all, { value }) => all + value, 0);
  const scale =
    (WIDTH - RIGHT - left - 70) / Math.max(...bars.map(sum), Number.MIN_VALUE);
  const drawn = bars.map((bar, index) => {
    const y = index * step + 6;
    let x = left;
    const parts = bar.parts.map(({ name, value }) => {
      const width = Math.max(value * scale, 0);
      const rect = element(
        'rect',
        { x, y, width, height, fill: colour(name) },
        element('title', {}, escaped(`${name}: ${format(value)}`)),
      );
      x += width;
      return rect;
    });
    return [
      label(left - 10, y + height / 2 + 4, bar.name, 'end'),
      ...parts,
      label(x + 8, y + height / 2 + 4, format(sum(bar)), 'start'),
    ].join('');
  });
  return drawing(bars.length * step + 8, title, drawn);
}

/** A drawing with a title for screen readers. */
export function drawing(
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

export function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  kind: string,
): string {
  return element('line', { x1, y1, x2, y2, class: kind });
}

export function label(
  x: number,
  y: number,
  text: string,
  anchor: string,
): string {
  return element('text', { x, y, 'text-anchor': anchor }, escaped(text));
}
