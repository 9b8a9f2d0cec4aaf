import type { Target } from '../targets.js';
import {
  ACTIONS,
  TRANSFERS,
  bankBlock,
  defaultBlock,
  endBlock,
  firstBlock,
  growth,
  flownBlock,
  idle,
  jailedBlock,
  jailedStart,
  memory,
  spannedBlock,
  tracedBlock,
  transfersBlock,
  type ChainCase,
} from './cases.js';

const target = (
  name: string,
  { name: row }: ChainCase,
  limit: number,
  rest: Partial<Target> = {},
): Target => ({
  name,
  case: row,
  statistic: 'p50',
  numerator: 'split',
  denominator: 'in-process',
  comparison: 'ratio',
  op: '<=',
  target: limit,
  ...rest,
});

const ofJail = { numerator: 'split, jail', denominator: 'split' };

export const chainTargets: readonly Target[] = [
  target(
    `END_BLOCK, real kernel, ${String(ACTIONS)} actions a block, split ÷ in-process`,
    endBlock,
    1.03,
  ),
  target(
    `END_BLOCK, ${String(ACTIONS)} actions a block, split as default ÷ in-process`,
    defaultBlock,
    1.03,
  ),
  target(
    `END_BLOCK, ${String(ACTIONS)} payments a block, split as default ÷ in-process`,
    bankBlock,
    1.03,
  ),
  target(
    `block, ${String(TRANSFERS)} transfers that the kernel intercepts, split as default ÷ in-process`,
    transfersBlock,
    1.05,
  ),
  ...growth.map((each) =>
    target(`${each.name} a block, split ÷ in-process`, each, 1.03),
  ),
  target('start to first block, split ÷ in-process', firstBlock, 1.05),
  target('memory, split ÷ in-process', memory, 1.15),
  target(
    'CPU of both processes when idle, split − in-process, in % of a core',
    idle,
    0.5,
    { comparison: 'difference', unit: '%' },
  ),
  target('block time, with the jail ÷ without', jailedBlock, 1.02, ofJail),
  target('END_BLOCK, with the flight recorder ÷ without', flownBlock, 1.02, {
    numerator: 'flight recorder',
    denominator: 'no recording',
  }),
  target('END_BLOCK, with a trace ÷ without', tracedBlock, 1.05, {
    numerator: 'trace',
    denominator: 'no recording',
  }),
  target(
    'END_BLOCK, with spans of OpenTelemetry ÷ without',
    spannedBlock,
    1.1,
    {
      numerator: 'spans',
      denominator: 'no spans',
    },
  ),
  target(
    'start to handshake, with the jail − without, in ms',
    jailedStart,
    100,
    { ...ofJail, comparison: 'difference' },
  ),
];
