import { digits } from './format.js';
import { colourAt } from './page.js';
import { element, escaped, linearTicks, logScale } from './svg.js';

/** Width of every plot, in SVG units. */
export const WIDTH = 720;
/** Margins for labels, left and right. */
export const [LEFT, RIGHT] = [190, 24];

/** Maps a name to its colour, the same in all plots. */
export type Colours = (name: string) => string;

/** Gives each name a colour of its own, in the palette's order. */
export function coloursOf(names: readonly string[]): Colours {
  return (name) => colourAt(Math.max(names.indexOf(name), 0));
}

/** The colour of a mark that belongs to no name. */
export const NEUTRAL = 'var(--text)';

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
        ...{ style: `stroke:${colour}`, 'stroke-width': 5 },
        ...{ 'stroke-opacity': 0.4 },
      }),
      element('circle', { cx: x(value), cy: y, r: 4, style: `fill:${colour}` }),
      label(x(high) + 8, y + 4, digits(value), 'start', 'value'),
    ].join('');
  });
  return drawing(bottom + 24, title, [
    ...ticks,
    line(x(1), 4, x(1), bottom, 'one'),
    ...marks,
  ]);
}

/** A plot's line: one value for each place of the x-axis. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

/** The x-axis of a plot in order of time. */
export interface Axis {
  readonly title: string;
  /** A number for each place, such as a block's height. */
  readonly places: readonly number[];
}

/** Values in order of time, on a scale from 0; `format` formats the labels. */
export function seriesPlot(
  title: string,
  rows: readonly Series[],
  axis: Axis,
  format: (value: number) => string,
): string {
  const [top, bottom, left] = [12, 230, 70];
  const { places } = axis;
  const ticks = linearTicks(Math.max(...rows.flatMap(({ values }) => values)));
  const most = ticks.at(-1) ?? 1;
  const x = (index: number): number =>
    left + ((index + 0.5) / places.length) * (WIDTH - RIGHT - left);
  const y = (value: number): number => bottom - (value / most) * (bottom - top);
  const grid = ticks.map((tick) =>
    line(left, y(tick), WIDTH - RIGHT, y(tick), 'grid').concat(
      label(left - 8, y(tick) + 4, shortest(format(tick)), 'end'),
    ),
  );
  const step = Math.ceil(places.length / MOST_PLACES);
  const below = places.flatMap((place, index) =>
    index % step === 0
      ? [
          line(x(index), bottom, x(index), bottom + 4, 'one'),
          label(x(index), bottom + 18, String(place), 'middle'),
        ]
      : [],
  );
  const marks = rows.map(({ name, colour, values }) => {
    const points = values.map(
      (value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`,
    );
    return [
      element(
        'polyline',
        {
          points: points.join(' '),
          class: 'line',
          style: `stroke:${colour}`,
        },
        element('title', {}, escaped(name)),
      ),
      ...values.map((value, index) =>
        element(
          'circle',
          { cx: x(index), cy: y(value), r: 3, style: `fill:${colour}` },
          element(
            'title',
            {},
            escaped(
              `${name}, ${axis.title} ${String(places[index])}: ${format(value)}`,
            ),
          ),
        ),
      ),
    ].join('');
  });
  const middle = (left + WIDTH - RIGHT) / 2;
  return drawing(bottom + 44, title, [
    ...grid,
    ...below,
    label(middle, bottom + 38, axis.title, 'middle'),
    ...marks,
  ]);
}

/** A round number without the zeros behind its point. */
function shortest(text: string): string {
  return text.replace(/\.0+(?= )/, '');
}

/** How many places of an x-axis have a number. */
const MOST_PLACES = 12;

/** A group of bars that are compared with each other. */
export interface Group {
  readonly name: string;
  readonly bars: readonly {
    readonly name: string;
    readonly colour: string;
    readonly value: number;
  }[];
}

/** Groups of horizontal bars on one scale from 0. */
export function groupsPlot(
  title: string,
  groups: readonly Group[],
  format: (value: number) => string,
): string {
  const [left, height, gap, room] = [LEFT, 14, 14, 80];
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const scale =
    (WIDTH - RIGHT - left - room) / Math.max(...values, Number.MIN_VALUE);
  let y = 4;
  const drawn = groups.map(({ name, bars }) => {
    const middle = y + (bars.length * (height + 2)) / 2 + 3;
    const parts = bars.map((bar) => {
      const width = bar.value * scale;
      const text = format(bar.value);
      const rect = element(
        'rect',
        { x: left, y, width, height, style: `fill:${bar.colour}` },
        element('title', {}, escaped(`${name}, ${bar.name}: ${text}`)),
      );
      const value = label(left + width + 6, y + 11, text, 'start', 'value');
      y += height + 2;
      return rect + value;
    });
    y += gap;
    return [label(left - 10, middle, name, 'end'), ...parts].join('');
  });
  return drawing(y, title, [
    ...drawn,
    line(left, 0, left, y - gap + 4, 'grid'),
  ]);
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
  anchor: 'start' | 'middle' | 'end',
  kind?: string,
): string {
  return element(
    'text',
    { x, y, 'text-anchor': anchor, ...(kind !== undefined && { class: kind }) },
    escaped(text),
  );
}
