import {
  coloursOf,
  element,
  escaped,
  facts,
  page as pageOf,
  swatch,
  table,
  type Colours,
} from '@agd-bridge/measure';

import type { Growth } from './growth.js';
import {
  distributionPlot,
  growthPlot,
  ratioPlot,
  targetPlot,
} from './plots.js';
import type { CaseReport, Report, TargetResult } from './report.js';
import { formatOf } from './table.js';

/** The self-contained page of a run: it loads nothing. */
export function page(report: Report): string {
  const colour = coloursOf(report.candidates.map(({ name }) => name));
  const { cases, targets, growth, environment } = report;
  return pageOf(
    'agd-bridge: measurements',
    facts({ ...environment, ...report.options }),
    '<h2 id="targets">Targets</h2>',
    targetsTable(targets),
    '<h3>Measured ÷ target: at most 1 (and 0.02) is wanted</h3>',
    targetPlot(targets),
    ...growth.map((each) => growthSection(each, colour)),
    ...cases.map((each) => caseSection(each, colour)),
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

function growthSection(growth: Growth, colour: Colours): string {
  const format = formatOf(growth);
  return [
    element('h2', {}, escaped(`Growth: ${growth.name}`)),
    table(
      [
        '',
        ...growth.sizes.map((size) => size.toLocaleString('en')),
        'exponent',
      ],
      growth.candidates.map(({ name, values, exponent }) => [
        swatch(name, colour(name)),
        ...values.map(format),
        exponent.toFixed(2),
      ]),
    ),
    growthPlot(growth, colour),
  ].join('\n');
}

function caseSection(report: CaseReport, colour: Colours): string {
  const format = formatOf(report);
  const rows = report.candidates.map(({ name, p50, p99, iqr, rounds }) => [
    swatch(name, colour(name)),
    format(p50),
    format(p99),
    format(iqr),
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
