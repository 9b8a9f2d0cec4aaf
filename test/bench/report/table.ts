import { aligned, digits, time } from '@agd-bridge/measure';

import type { Case } from '../cases.js';
import { overall, type CaseResult } from '../run.js';
import type { Growth } from './growth.js';
import type { TargetResult } from './report.js';

/** How a case's values are written. */
export function formatOf({ unit }: Pick<Case, 'unit'>): typeof time {
  return unit === 'bytes' ? memory : time;
}

function memory(bytes: number): string {
  return `${digits(bytes / 1e6)} MB`;
}

export function caseTable(result: CaseResult): string {
  const format = formatOf(result.case);
  const rows = [...result.distributions.keys()].map((name) => {
    const own = result.rounds.flatMap((round) => round.get(name) ?? []);
    const { p50, p99, iqr } = overall(own);
    const times = [p50, p99, iqr].map(format);
    return [`  ${name}`, ...times, String(own.length)];
  });
  const head = [result.case.name, 'p50', 'p99', 'IQR', 'rounds'];
  return aligned([head, ...rows]);
}

export function targetTable(targets: readonly TargetResult[]): string {
  const rows = targets.map((row) => {
    const { value, low, high } = row;
    const measured =
      value === null || low === null || high === null
        ? ['', '']
        : [value.toFixed(2), `${low.toFixed(2)} … ${high.toFixed(2)}`];
    return [row.name, ...measured, `≤ ${String(row.target)}`, row.verdict];
  });
  const head = ['target', 'measured', '95 % interval', 'target', ''];
  return aligned([head, ...rows]);
}

/** The exponent that each size's cost grows with; see {@link Growth}. */
export function growthTable({ name, unit, sizes, candidates }: Growth): string {
  const format = formatOf({ unit });
  const head = [
    `growth: ${name}`,
    ...sizes.map((size) => size.toLocaleString('en')),
    'exponent',
  ];
  const rows = candidates.map((each) => [
    `  ${each.name}`,
    ...each.values.map(format),
    each.exponent.toFixed(2),
  ]);
  return aligned([head, ...rows]);
}
