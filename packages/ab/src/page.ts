import { modes } from '@agd-bridge/chain-kit';
import {
  NEUTRAL,
  coloursOf,
  digits,
  element,
  escaped,
  facts,
  groupsPlot,
  intervals,
  legend,
  page as pageOf,
  seriesPlot,
  swatch,
  table,
} from '@agd-bridge/measure';

import type { MeasureName, Report } from './report.js';
import {
  WORK,
  amount,
  ratioText,
  sameText,
  spreadText,
  titleOf,
} from './table.js';
import { TERMS, busyText, fewText } from './terms.js';

const PHASES = ['begin', 'end', 'commit', 'afterCommit'] as const;
const REST = 'rest of the block';

/** On the whole page a colour stands for a mode, red for a difference. */
const colour = coloursOf(modes);
const modesLegend = legend(modes.map((mode) => [mode, colour(mode)]));

/** The HTML page of a run: self-contained, it loads nothing. */
export function page(report: Report): string {
  const { environment, measures, same } = report;
  const warnings = [busyText(environment), fewText(report.blocks.length)];
  return pageOf(
    'agd ab: the modes compared',
    element(
      'p',
      { class: same.differences.length === 0 ? 'lead' : 'lead fail' },
      escaped(sentence(sameText(report))),
    ),
    ...same.differences.map((each) =>
      element('p', { class: 'fail' }, escaped(each)),
    ),
    ...warnings
      .filter((text) => text !== undefined)
      .map((text) => element('p', { class: 'fail' }, escaped(sentence(text)))),
    element('h2', {}, 'A block'),
    note('Medians, with quartiles in parentheses.'),
    table(
      [
        '',
        ...modes.map((mode) => swatch(mode, colour(mode))),
        'split ÷ in-process, 95 % interval',
      ],
      measures.map((each) => [
        escaped(titleOf(each)),
        spreadText(each['in-process'], each.unit),
        spreadText(each.split, each.unit),
        ratioText(each.ratio),
      ]),
    ),
    element('h2', {}, 'Block times'),
    modesLegend,
    seriesPlot(
      'Block times',
      modes.map((mode) => ({
        name: mode,
        colour: colour(mode),
        values: report.blocks.map((pair) => pair[mode].block),
      })),
      {
        title: 'block height',
        places: report.blocks.map((pair) => pair.split.height),
      },
      (value) => amount(value, 'ms'),
    ),
    element('h2', {}, 'Phases'),
    note(
      'Median times of the block actions. The rest is what they leave of the median block.',
    ),
    modesLegend,
    phases(report),
    element('h2', {}, 'split ÷ in-process, of paired blocks'),
    note(
      'Median of the pairs and its 95 % interval. Below 1 split takes less.',
    ),
    intervals(
      'split ÷ in-process',
      measures.flatMap(({ name, ratio }) =>
        ratio && ratio.low > 0
          ? [{ name: titleOf({ name }), ...ratio, colour: NEUTRAL }]
          : [],
      ),
    ),
    element('h2', {}, 'Processes'),
    table(
      ['', 'CPU time a block', 'memory'],
      report.processes.map(({ mode, name, cpu, memory }) => [
        swatch(`${mode}: ${name}`, colour(mode)),
        amount(cpu, 'ms'),
        amount(memory, 'bytes'),
      ]),
    ),
    element('h2', {}, 'Terms'),
    facts(TERMS),
    element('h2', {}, 'Run'),
    facts(circumstances(report)),
  );
}

/** A line of the terminal's report as a sentence. */
function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function note(text: string): string {
  return element('p', { class: 'note' }, escaped(text));
}

/** Machine and options of a run, as people read them. */
function circumstances({
  environment,
  options,
}: Report): Readonly<Record<string, string | number>> {
  const { date, cpu, cores, load, linux, node } = environment;
  return {
    date: `${date.slice(0, 16).replace('T', ' ')} UTC`,
    CPU: `${cpu}, ${String(cores)} ${cores === 1 ? 'core' : 'cores'}`,
    'load average before': digits(load),
    Linux: linux,
    'Node.js': node,
    'blocks in each mode': options.blocks,
    [`${WORK[options.workload]} a block`]: options.actions,
    transport: options.transport,
    seed: options.seed,
  };
}

/** The medians of the block actions, and of the rest of the block. */
function phases({ measures }: Report): string {
  const middle = (name: MeasureName, mode: (typeof modes)[number]): number =>
    measures.find((each) => each.name === name)?.[mode].median ?? 0;
  const rest = (mode: (typeof modes)[number]): number =>
    PHASES.reduce(
      (left, name) => left - middle(name, mode),
      middle('block', mode),
    );
  const group = (
    name: string,
    value: (mode: (typeof modes)[number]) => number,
  ) => ({
    name,
    bars: modes.map((mode) => ({
      name: mode,
      colour: colour(mode),
      value: Math.max(value(mode), 0),
    })),
  });
  return groupsPlot(
    'Phases',
    [
      ...PHASES.map((name) =>
        group(titleOf({ name }), (mode) => middle(name, mode)),
      ),
      group(REST, rest),
    ],
    (value) => amount(value, 'ms'),
  );
}
