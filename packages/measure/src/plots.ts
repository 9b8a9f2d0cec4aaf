import { digits } from './format.js';
import { element, escaped, logScale } from './svg.js';

/** Width of every plot, in its own units. */
export const WIDTH = 720;
/** Room for labels, left and right. */
export const [LEFT, RIGHT] = [190, 24];

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

/** A name's colour, the same in all plots. */
export type Colours = (name: string) => string;

export function coloursOf(names: readonly string[]): Colours {
  return (name) => colours[names.indexOf(name) % colours.length] ?? '#000000';
}

/** A value with its interval: a row of a plot. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
}

/** Rows of intervals on a scale of logarithms, with a line at 1. */
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

/** A drawing with a title that readers for the blind say. */
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
