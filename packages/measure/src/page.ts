import { element, escaped } from './svg.js';

const style = `
  :root { color-scheme: light; }
  body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } h3 { font-size: 1rem; color: #555; }
  table { border-collapse: collapse; } td, th { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #e4e4e4; }
  td:first-child, th:first-child { text-align: left; padding-left: 0; }
  .pass { color: #00704f; } .fail { color: #b34500; font-weight: 600; } .undecided { color: #806000; }
  svg { width: 100%; max-width: 45rem; display: block; }
  svg text { font-size: 12px; fill: #444; } .grid { stroke: #e4e4e4; } .one { stroke: #888; stroke-dasharray: 4 3; }
  .line { fill: none; stroke-width: 2; } .swatch { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } dt { color: #666; } dd { margin: 0; }
`;

/** A self-contained HTML page: it loads nothing. */
export function page(title: string, ...content: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
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
