import { element, escaped } from './svg.js';

/**
 * Colours for names, distinguishable with colour blindness (after Okabe and
 * Ito): on a light and on a dark background.
 */
const palette: readonly (readonly [light: string, dark: string])[] = [
  ['#0072b2', '#4aa8e8'],
  ['#d55e00', '#f58a42'],
  ['#009e73', '#2fc79a'],
  ['#cc79a7', '#e39cc4'],
  ['#56b4e9', '#a3dcff'],
  ['#e69f00', '#ffc65c'],
  ['#000000', '#ffffff'],
  ['#999933', '#cccc66'],
  ['#882255', '#c9648f'],
  ['#777777', '#a8a8a8'],
];

/** Number of different colours. */
export const COLOURS = palette.length;

/** The CSS value of a colour of the palette, in either colour scheme. */
export function colourAt(index: number): string {
  return `var(--c${String(index % COLOURS)})`;
}

const colours = (scheme: 0 | 1): string =>
  palette
    .map((pair, index) => `--c${String(index)}: ${pair[scheme]};`)
    .join(' ');

/** Red means a failure, and nothing else on a page. */
const style = `
  :root { color-scheme: light dark; --text: #1c1e21; --muted: #5f6670; --paper: #ffffff; --rule: #dfe3e8; --one: #7b838d; --fail: #c2002f; ${colours(0)} }
  @media (prefers-color-scheme: dark) {
    :root { --text: #e6e8eb; --muted: #9aa3ad; --paper: #14171a; --rule: #2c3238; --one: #8b949e; --fail: #ff6b81; ${colours(1)} }
  }
  body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .6rem; } h3 { font-size: 1rem; color: var(--muted); }
  .note { color: var(--muted); margin: .2rem 0 .8rem; } .lead { font-size: 1.15rem; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; } td, th { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid var(--rule); }
  th { font-weight: 600; color: var(--muted); } td:first-child, th:first-child { text-align: left; padding-left: 0; }
  .fail { color: var(--fail); font-weight: 600; } .undecided { font-style: italic; }
  svg { width: 100%; max-width: 45rem; display: block; }
  svg text { font-size: 12px; fill: var(--muted); } svg .value { fill: var(--text); paint-order: stroke; stroke: var(--paper); stroke-width: 4px; } .grid { stroke: var(--rule); } .one { stroke: var(--one); stroke-dasharray: 4 3; }
  .line { fill: none; stroke-width: 2; } .swatch { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
  .legend { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: .2rem 0 .6rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } dt { color: var(--muted); } dd { margin: 0; }
`;

/** A self-contained HTML page: it loads nothing. */
export function page(title: string, ...content: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    element('title', {}, escaped(title)),
    element('style', {}, style),
    '</head><body>',
    element('h1', {}, escaped(title)),
    ...content,
    '</body></html>\n',
  ].join('\n');
}

/** Names and values, one pair a line. */
export function facts(
  values: Readonly<Record<string, string | number>>,
): string {
  return element(
    'dl',
    {},
    ...Object.entries(values).map(
      ([name, value]) =>
        element('dt', {}, escaped(name)) +
        element('dd', {}, escaped(String(value))),
    ),
  );
}

/** A table whose cells are HTML. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const row = (cells: readonly string[], cell: 'td' | 'th'): string =>
    element('tr', {}, ...cells.map((text) => element(cell, {}, text)));
  return element(
    'table',
    {},
    row(head, 'th'),
    ...rows.map((cells) => row(cells, 'td')),
  );
}

/** A name with its colour in the plots. */
export function swatch(name: string, colour: string): string {
  return (
    element('span', { class: 'swatch', style: `background:${colour}` }) +
    escaped(name)
  );
}

/** The names of a plot with their colours. */
export function legend(
  names: readonly (readonly [name: string, colour: string])[],
): string {
  return element(
    'div',
    { class: 'legend' },
    ...names.map(([name, colour]) => element('span', {}, swatch(name, colour))),
  );
}
