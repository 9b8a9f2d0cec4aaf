import type { Machine } from '@agd-bridge/measure';

/** What a report compares, and its terms, for a reader who sees only the report. */
export const TERMS: Readonly<Record<string, string>> = {
  compared:
    'the same transactions in two nodes, one block each at the same height: in-process, with chain and kernel in one process, and split, with the kernel in a process of its own',
  'median (quartiles)':
    'half of the blocks have less than the median; the middle half lies between the quartiles',
  'split ÷ in-process':
    "split's value divided by in-process's, for each pair of blocks of one height: below 1 split takes less. It is the median of all pairs, with its 95 % confidence interval: if that includes 1, the run shows no difference",
  block:
    'from the moment when the node may continue until the block is committed',
  'BEGIN_BLOCK … AFTER_COMMIT_BLOCK':
    "the chain's calls to the kernel for a block, each from the call to the kernel's answer",
  downcalls:
    "the kernel's calls to the chain, such as reads of storage: their number, the time that agd's handlers take for them, and the time that the VM waits for them, with codecs and transport",
  'JSON of all calls': 'text of parameters and results, both ways',
  'CPU time, memory':
    'of all processes of a node; memory that processes share is divided among them',
};

/** Fewer pairs have no 95 % interval: it would reach beyond the least and the most. */
const LEAST_PAIRS = 6;

/** That a report has too few blocks for its intervals; undefined: it has enough. */
export function fewText(pairs: number): string | undefined {
  return pairs < LEAST_PAIRS
    ? `${String(pairs)} blocks are too few for 95 % intervals: those shown are from the least ratio to the greatest; measure ${String(LEAST_PAIRS)} or more`
    : undefined;
}

/**
 * Why a machine is too busy to be measured on; undefined: it is not.
 *
 * @param machine as it was before the run
 */
export function busyText({
  load,
  cores,
}: Pick<Machine, 'load' | 'cores'>): string | undefined {
  return load > cores
    ? `the machine is busy: its load average is ${load.toFixed(1)}, more than its number of cores, ${String(cores)}: other work distorts times and ratios: repeat this on an idle machine`
    : undefined;
}
