import { modes } from '@agd-bridge/chain-kit';
import {
  barsPlot,
  coloursOf,
  element,
  escaped,
  facts,
  intervals,
  page as pageOf,
  seriesPlot,
  swatch,
  table,
} from '@agd-bridge/measure';

import type { MeasureName, Report } from './report.js';
import { amount, ratioText, sameText, spreadText, titleOf } from './table.js';

const PHASES = ['begin', 'end', 'commit', 'afterCommit'] as const;
const REST = 'rest of the block';

/** The HTML page of a run: self-contained, it loads nothing. */
export function page(report: Report): string {
  const { environment, options, measures } = report;
  const colour = coloursOf(modes);
  return pageOf(
    'agd ab: the modes compared',
    facts({ ...environment, ...options }),
    element('p', {}, escaped(sameText(report))),
    ...report.same.differences.map((each) =>
      element('p', { class: 'fail' }, escaped(each)),
    ),
    element('p', {}, modes.map((mode) => swatch(mode, colour(mode))).join(' ')),
    element('h2', {}, 'A block: medians and quartiles'),
    table(
      ['', ...modes, 'split ÷ in-process, 95 % interval'],
      measures.map((each) => [
        escaped(titleOf(each)),
        spreadText(each['in-process'], each.unit),
        spreadText(each.split, each.unit),
        ratioText(each.ratio),
      ]),
    ),
    element('h2', {}, 'Block times'),
    seriesPlot(
      'Block times',
      modes.map((mode) => ({
        name: mode,
        colour: colour(mode),
        values: report.blocks.map((pair) => pair[mode].block),
      })),
      (value) => amount(value, 'ms'),
    ),
    element('h2', {}, 'Phases'),
    phases(report),
    element('h2', {}, 'split ÷ in-process, of paired blocks'),
    intervals(
      'split ÷ in-process',
      measures.flatMap(({ name, ratio }) =>
        ratio && ratio.low > 0
          ? [{ name: titleOf({ name }), ...ratio, colour: colour('split') }]
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
  );
}

/** The medians of the block actions, and of the rest of the block. */
function phases({ measures }: Report): string {
  const middle = (name: MeasureName, mode: (typeof modes)[number]): number =>
    measures.find((each) => each.name === name)?.[mode].median ?? 0;
  const titles = [...PHASES.map((name) => titleOf({ name })), REST];
  const colour = coloursOf(titles);
  const bars = modes.map((mode) => {
    const parts = PHASES.map((name) => ({
      name: titleOf({ name }),
      value: middle(name, mode),
    }));
    const sum = parts.reduce((all, { value }) => all + value, 0);
    const rest = Math.max(middle('block', mode) - sum, 0);
    return { name: mode, parts: [...parts, { name: REST, value: rest }] };
  });
  return [
    barsPlot('Phases', bars, colour, (value) => amount(value, 'ms')),
    element(
      'p',
      {},
      titles.map((name) => swatch(name, colour(name))).join(' '),
    ),
  ].join('\n');
}
