import { aligned, digits, time, type Interval } from '@agd-bridge/measure';

import type { Measure, MeasureName, Report, Spread, Unit } from './report.js';
import { TERMS, busyText, fewText } from './terms.js';
import type { WorkloadName } from './workload.js';

const TITLES: Readonly<Record<MeasureName, string>> = {
  block: 'block',
  begin: 'BEGIN_BLOCK',
  end: 'END_BLOCK',
  commit: 'COMMIT_BLOCK',
  afterCommit: 'AFTER_COMMIT_BLOCK',
  downcalls: 'downcalls',
  downcallTime: 'downcalls in agd',
  vmDowncallTime: 'downcalls in VM',
  bytes: 'JSON of all calls',
  cpu: 'CPU time',
  memory: 'memory',
};

/** The workloads' messages. */
export const WORK: Readonly<Record<WorkloadName, string>> = {
  wallet: 'wallet actions',
  bank: 'payments',
  mixed: 'wallet actions and payments',
};

/** A measure's display name. */
export function titleOf({ name }: Pick<Measure, 'name'>): string {
  return TITLES[name];
}

const BYTES = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
] as const;

/** A value in the unit that fits its size. */
export function amount(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return value === 0 ? '0' : time(value * 1e6);
    case 'calls':
      return value.toFixed(0);
    case 'bytes': {
      const [name, size] =
        BYTES.find(([, least]) => value >= least) ?? (['B', 1] as const);
      return size === 1
        ? `${value.toFixed(0)} ${name}`
        : `${digits(value / size)} ${name}`;
    }
  }
}

/**
 * A median and its quartiles. Unless all three have the same unit, each shows its
 * own.
 */
export function spreadText(spread: Spread, unit: Unit): string {
  const { median, low, high } = spread;
  const middle = amount(median, unit);
  if (low === high) return middle;
  const [from, to] = [amount(low, unit), amount(high, unit)];
  const unitOf = (text: string): string => /[^\d.]*$/.exec(text)?.[0] ?? '';
  const own = unitOf(middle);
  return own === unitOf(from) && own === unitOf(to)
    ? `${middle} (${withoutEnd(from, own)}–${withoutEnd(to, own)})`
    : `${middle} (${from}–${to})`;
}

function withoutEnd(text: string, end: string): string {
  return text.slice(0, text.length - end.length);
}

/** A ratio and its interval. */
export function ratioText(ratio: Interval | null, decimals = 3): string {
  if (!ratio) return '';
  const text = (value: number): string => value.toFixed(decimals);
  return `${text(ratio.value)} (${text(ratio.low)}–${text(ratio.high)})`;
}

/** One line on whether both modes did the same. */
export function sameText({ same, blocks }: Report): string {
  const count = same.differences.length;
  return count === 0
    ? `both modes did the same in ${String(blocks.length)} blocks: results, actions, calls, and what the vat published`
    : `the modes differ in ${String(count)} things`;
}

function warnings({ environment, blocks }: Report): string[] {
  return [busyText(environment), fewText(blocks.length)]
    .filter((text) => text !== undefined)
    .map((text) => `warning: ${text}`);
}

/** The whole report as text, for a terminal of 80 columns. */
export function tables(report: Report): string {
  const head = ['median (quartiles)', 'in-process', 'split'];
  const rows = report.measures.map((measure) => [
    titleOf(measure),
    spreadText(measure['in-process'], measure.unit),
    spreadText(measure.split, measure.unit),
    ratioText(measure.ratio, 2),
  ]);
  const processes = report.processes.map(({ mode, name, cpu, memory }) => [
    `${mode}: ${name}`,
    amount(cpu, 'ms'),
    amount(memory, 'bytes'),
  ]);
  const { actions, slipped } = report;
  return [
    aligned([[...head, 'split ÷ in-process'], ...rows]),
    '',
    aligned([['process', 'CPU time a block', 'memory'], ...processes]),
    '',
    `${WORK[report.options.workload]} a block: ${String(actions.least)}; left for the next block: ${String(actions.left)}${slipped > 0 ? `; blocks not counted: ${String(slipped)}` : ''}`,
    sameText(report),
    ...warnings(report),
    '',
    ...Object.entries(TERMS).map(([term, meaning]) => `${term}: ${meaning}`),
  ]
    .flatMap((text) => text.split('\n').flatMap(wrapped))
    .join('\n');
}

const COLUMNS = 80;

/** The lines of a text, broken at spaces; all but the first are indented. */
function wrapped(text: string): string[] {
  if (text.length <= COLUMNS) return [text];
  const end = text.lastIndexOf(' ', COLUMNS);
  if (end <= 2) return [text];
  return [text.slice(0, end), ...wrapped(`  ${text.slice(end + 1)}`)];
}
