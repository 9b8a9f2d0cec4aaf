import { aligned, digits, type Interval } from '@agd-bridge/measure';

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

/** A unit as text, and its size in the unit of a measure. */
type Scale = readonly [name: string, size: number];

const TIMES: readonly Scale[] = [
  ['s', 1e3],
  ['ms', 1],
  ['µs', 1e-3],
  ['ns', 1e-6],
];

/** The unit that fits a value's size. */
function scaleOf(value: number, unit: Unit): Scale {
  switch (unit) {
    case 'ms':
      return TIMES.find(([, least]) => value >= least) ?? ['ns', 1e-6];
    case 'calls':
      return ['', 1];
    case 'bytes':
      return BYTES.find(([, least]) => value >= least) ?? ['B', 1];
  }
}

function inScale(value: number, [name, size]: Scale): string {
  const whole = name === '' || name === 'B';
  return value === 0 || whole ? value.toFixed(0) : digits(value / size);
}

/** A value in the unit that fits its size. */
export function amount(value: number, unit: Unit): string {
  const scale = scaleOf(value, unit);
  if (value === 0 && unit === 'ms') return '0';
  return `${inScale(value, scale)} ${scale[0]}`.trimEnd();
}

/** A median and its quartiles, all in the median's unit. */
export function spreadText(spread: Spread, unit: Unit): string {
  const { median, low, high } = spread;
  const middle = amount(median, unit);
  if (low === high) return middle;
  const scale = scaleOf(median, unit);
  return `${middle} (${inScale(low, scale)}–${inScale(high, scale)})`;
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
  const notes = [
    `${WORK[report.options.workload]} a block: ${String(actions.least)}; left for the next block: ${String(actions.left)}${slipped > 0 ? `; blocks not counted: ${String(slipped)}` : ''}`,
    sameText(report),
    ...warnings(report),
    '',
    ...Object.entries(TERMS).map(([term, meaning]) => `${term}: ${meaning}`),
  ];
  return [
    aligned([[...head, 'split ÷ in-process'], ...rows]),
    '',
    aligned([['process', 'CPU time a block', 'memory'], ...processes]),
    '',
    ...notes.flatMap(wrapped),
  ].join('\n');
}

const COLUMNS = 80;

/** The lines of a text, broken at spaces; all but the first are indented. */
function wrapped(text: string): string[] {
  if (text.length <= COLUMNS) return [text];
  const end = text.lastIndexOf(' ', COLUMNS);
  if (end <= 2) return [text];
  return [text.slice(0, end), ...wrapped(`  ${text.slice(end + 1)}`)];
}
