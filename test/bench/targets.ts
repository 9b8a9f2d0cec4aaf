import type { Summary } from '@agd-bridge/measure';

import { chainTargets } from './chain/targets.js';
import { storeTargets } from './store/cases.js';

/** A row of the table of targets: two candidates, compared in one case. */
export interface Target {
  readonly name: string;
  /** Name of a row of cases.ts. */
  readonly case: string;
  readonly statistic: keyof Summary & ('p50' | 'p99');
  /** Names of rows of candidates.ts. */
  readonly numerator: string;
  readonly denominator: string;
  /** `ratio`: numerator ÷ denominator. `difference`: numerator − denominator, in its unit. */
  readonly comparison: 'ratio' | 'difference';
  /**
   * Unit of a difference. `%`: percent of a core, for CPU time in a second;
   * otherwise milliseconds.
   */
  readonly unit?: '%';
  readonly op: '<=';
  readonly target: number;
}

// In a target's name, `split` alone means the default of `agd start --split`,
// which is the candidate split-shm.
export const targets: readonly Target[] = [
  {
    name: 'downcall p50, split-shm ÷ in-process',
    case: 'downcall, 64 B',
    statistic: 'p50',
    numerator: 'split-shm',
    denominator: 'in-process',
    comparison: 'ratio',
    op: '<=',
    target: 1,
  },
  {
    name: 'downcall p50, split-pipe ÷ raw pipe, one CPU',
    case: 'downcall, 64 B, one CPU',
    statistic: 'p50',
    numerator: 'split',
    denominator: 'raw pipe',
    comparison: 'ratio',
    op: '<=',
    target: 1.25,
  },
  {
    name: 'downcall p50, split-shm ÷ split-pipe, one CPU',
    case: 'downcall, 64 B, one CPU',
    statistic: 'p50',
    numerator: 'split-shm',
    denominator: 'split',
    comparison: 'ratio',
    op: '<=',
    target: 1,
  },
  {
    name: 'downcall p99, split-shm ÷ in-process',
    case: 'downcall, 64 B',
    statistic: 'p99',
    numerator: 'split-shm',
    denominator: 'in-process',
    comparison: 'ratio',
    op: '<=',
    target: 2.5,
  },
  {
    name: 'downcall each 0.5 ms p50, in-process ÷ an addon that calls Go',
    case: 'downcall each 0.5 ms, 64 B',
    statistic: 'p50',
    numerator: 'in-process',
    denominator: 'addon call into Go',
    comparison: 'ratio',
    op: '<=',
    target: 1.5,
  },
  {
    name: 'downcall each 0.5 ms p50, split ÷ in-process',
    case: 'downcall each 0.5 ms, 64 B',
    statistic: 'p50',
    numerator: 'split-shm',
    denominator: 'in-process',
    comparison: 'ratio',
    op: '<=',
    target: 1.5,
  },
  {
    name: '1 MiB downcall p50, split ÷ HTTP over a Unix socket',
    case: 'async downcall, 1 MiB',
    statistic: 'p50',
    numerator: 'split-shm',
    denominator: 'HTTP',
    comparison: 'ratio',
    op: '<=',
    target: 1,
  },
  {
    name: '1 MiB downcall p50, split ÷ gRPC',
    case: 'async downcall, 1 MiB',
    statistic: 'p50',
    numerator: 'split-shm',
    denominator: 'gRPC',
    comparison: 'ratio',
    op: '<=',
    target: 0.5,
  },
  {
    name: 'upcall p50, split ÷ its wake-up reference',
    case: 'upcall, 64 B',
    statistic: 'p50',
    numerator: 'split-shm',
    denominator: 'raw pipe',
    comparison: 'ratio',
    op: '<=',
    target: 1.25,
  },
  {
    name: 'upcall p50, in-process ÷ its wake-up reference',
    case: 'upcall, 64 B',
    statistic: 'p50',
    numerator: 'in-process',
    denominator: 'addon wake-up',
    comparison: 'ratio',
    op: '<=',
    target: 1.25,
  },
  {
    name: '1 MiB payload, split ÷ in-process',
    case: 'downcall, 1 MiB',
    statistic: 'p50',
    numerator: 'split-shm',
    denominator: 'in-process',
    comparison: 'ratio',
    op: '<=',
    target: 1.3,
  },
  {
    name: 'spawn of the VM to its handshake, beyond node’s own start, in ms',
    case: 'start',
    statistic: 'p50',
    numerator: 'agvm',
    denominator: 'node',
    comparison: 'difference',
    op: '<=',
    target: 50,
  },
  ...storeTargets,
  ...chainTargets,
];
