import type { Target } from '../targets.js';
import { ACTIONS, chainCases } from './cases.js';

const target = (
  name: string,
  op: (typeof chainCases)[number]['op'],
  limit: number,
  comparison: Pick<Target, 'comparison' | 'unit'> = { comparison: 'ratio' },
): Target => ({
  name,
  case: chainCases.find((each) => each.op === op)?.name ?? '',
  statistic: 'p50',
  numerator: 'split',
  denominator: 'in-process',
  op: '<=',
  target: limit,
  ...comparison,
});

export const chainTargets: readonly Target[] = [
  target(
    `END_BLOCK, real kernel, ${String(ACTIONS)} actions a block, split ÷ in-process`,
    'end block',
    1.03,
  ),
  target('start to first block, split ÷ in-process', 'first block', 1.05),
  target('memory, split ÷ in-process', 'memory', 1.15),
  target(
    'CPU of both processes when idle, split − in-process, in % of a core',
    'idle',
    0.5,
    { comparison: 'difference', unit: '%' },
  ),
];
