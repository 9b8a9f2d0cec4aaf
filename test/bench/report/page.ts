import {
  coloursOf,
  distributionPlot,
  ratioPlot,
  targetPlot,
  type Colours,
} from './plots.js';
import type { CaseReport, Report, TargetResult } from './report.js';
import { element, escaped } from './svg.js';
import { time } from './table.js';

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

/** The page of a run: everything is in it, nothing is loaded. */
export function page(report: Report): string {
  const colour = coloursOf(report.candidates.map(({ name }) => name));
  const { cases, targets, environment } = report;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    '<title>agd-bridge: measurements</title>',
    element('style', {}, style),
    '</head><body>',
    '<h1>agd-bridge: measurements</h1>',
    facts({ ...environment, ...report.options }),
    '<h2 id="targets">Targets</h2>',
    targetsTable(targets),
    '<h3>Measured ÷ target: at most 1 (and 0.02) is wanted</h3>',
    targetPlot(targets),
    ...cases.map((each) => caseSection(each, colour)),
    '</body></html>\n',
  ].join('\n');
}

function facts(values: Readonly<Record<string, string | number>>): string {
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

function targetsTable(targets: readonly TargetResult[]): string {
  return table(
    ['', 'measured', '95 % interval', 'target', ''],
    targets.map(({ name, value, low, high, target, verdict }) => [
      escaped(name),
      value?.toFixed(2) ?? '',
      low === null || high === null
        ? ''
        : `${low.toFixed(2)} … ${high.toFixed(2)}`,
      `≤ ${String(target)}`,
      element('span', { class: verdict }, verdict),
    ]),
  );
}

function caseSection(report: CaseReport, colour: Colours): string {
  const rows = report.candidates.map(({ name, p50, p99, iqr, rounds }) => [
    element('span', { class: 'swatch', style: `background:${colour(name)}` }) +
      escaped(name),
    time(p50),
    time(p99),
    time(iqr),
    String(rounds.filter((round) => round !== null).length),
  ]);
  return [
    element('h2', {}, escaped(report.name)),
    table(['', 'p50', 'p99', 'IQR', 'rounds'], rows),
    '<h3>Share of calls that took no longer</h3>',
    distributionPlot(report, colour),
    '<h3>p50 ÷ in-process, of paired rounds</h3>',
    ratioPlot(report, colour),
  ].join('\n');
}

function table(
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
