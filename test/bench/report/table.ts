import type { CaseResult } from '../run.js';
import { median, type Summary } from '../statistics.js';
import type { TargetResult } from './report.js';

/** Nanoseconds as people read them: three digits and a unit. */
export function time(nanoseconds: number): string {
  const units = [
    ['s', 1e9],
    ['ms', 1e6],
    ['µs', 1e3],
  ] as const;
  for (const [unit, size] of units) {
    if (nanoseconds >= size) return `${digits(nanoseconds / size)} ${unit}`;
  }
  return `${digits(nanoseconds)} ns`;
}

export function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function caseTable(result: CaseResult): string {
  const rows = [...result.distributions.keys()].map((name) => {
    const own = result.rounds.flatMap((round) => round.get(name) ?? []);
    const middle = (statistic: keyof Summary): number =>
      median(own.map((summary) => summary[statistic]));
    const times = (['p50', 'p99', 'iqr'] as const).map((statistic) =>
      time(middle(statistic)),
    );
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

/** Columns of equal width: the first to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const width = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(width(0)) : cell.padStart(width(column)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
