import { readdirSync } from 'node:fs';

import { CHAIN_ID, workloadOf, type Bed, type ChainNode } from '@agd-bridge/ab';
import {
  memory,
  signedTx,
  signerOf,
  type Mode,
  type Signer,
} from '@agd-bridge/chain-kit';
import { bootstrapMedian, median, type Interval } from '@agd-bridge/measure';

/** What a node takes at one height. */
export interface Reading {
  readonly height: number;
  /** Memory of all its processes (PSS), in bytes. */
  readonly memory: number;
  /** Open descriptors of all its processes. */
  readonly descriptors: number;
  readonly processes: number;
}

/** One node's run. */
export interface Run {
  readonly mode: Mode;
  /** Time between consecutive blocks, in ms, from the first measured block on. */
  readonly intervals: readonly number[];
  readonly readings: readonly Reading[];
}

/** Blocks before the first that is measured: caches and heaps fill. */
export const WARM_UP = 100;
/** Messages of a block: one wallet action and one payment. */
const MESSAGES = 2;
const [GAS, FIRST_SEQUENCE] = [1_000_000, 1];
/** Minimum time between two blocks, in ms. */
const PAUSE = 1;
/** How often a run is read. */
const READINGS = 20;

/**
 * Lets a node of this mode make `blocks` blocks, each with a wallet action and a
 * payment if the node takes them in time.
 *
 * @param progress called at each reading
 */
export async function soak(
  bed: Bed,
  mode: Mode,
  blocks: number,
  progress: (reading: Reading) => void,
): Promise<Run> {
  const signer = await signerOf(bed.options.agd, bed.home, 'alice', 0);
  const node = await bed.start({ mode }, PAUSE);
  await node.height(1);
  const first = node.committed.height;
  const every = Math.max(1, Math.floor(blocks / READINGS));
  const intervals: number[] = [];
  const readings: Reading[] = [];
  const load = txs(signer);
  let last = node.committed;
  while (last.height < first + WARM_UP + blocks) {
    const tx = load.next().value;
    await node.rpc('broadcast_tx_async', { tx: tx.toString('base64') });
    await node.height(last.height + 1);
    const { height, at } = node.committed;
    const made = height - last.height;
    const measured = height - first - WARM_UP;
    if (measured > 0) {
      const each = (at - last.at) / made;
      intervals.push(...Array<number>(made).fill(each));
    }
    if (measured >= 0 && Math.floor(measured / every) > readings.length - 1) {
      const reading = readingOf(node);
      readings.push(reading);
      progress(reading);
    }
    last = { height, at };
  }
  await bed.end(node);
  return { mode, intervals, readings };
}

/** The transactions of a signer, in order. */
function* txs(signer: Signer): Generator<Buffer, never> {
  const workload = workloadOf('mixed', signer, MESSAGES);
  for (let index = 0; ; index += 1) {
    yield signedTx(signer, workload.messages(index), {
      chainId: CHAIN_ID,
      sequence: FIRST_SEQUENCE + index,
      gas: GAS,
    });
  }
}

function readingOf(node: ChainNode): Reading {
  let [bytes, descriptors] = [0, 0];
  for (const { pid } of node.processes) {
    try {
      bytes += memory(pid);
      descriptors += readdirSync(`/proc/${String(pid)}/fd`).length;
    } catch {
      // The kernel has replaced this worker.
    }
  }
  const { height } = node.committed;
  const processes = node.processes.length;
  return { height, memory: bytes, descriptors, processes };
}

/**
 * Block time at the end ÷ at the start: medians of the last and the first tenth.
 * The interval spans the quotients of both intervals' ends.
 */
export function growthOf(
  { intervals }: Pick<Run, 'intervals'>,
  random: () => number,
): Interval {
  const count = Math.max(1, Math.floor(intervals.length / 10));
  const [start, end] = [intervals.slice(0, count), intervals.slice(-count)];
  const [before, after] = [
    bootstrapMedian(start, random),
    bootstrapMedian(end, random),
  ];
  return {
    value: median(end) / median(start),
    low: after.low / before.high,
    high: after.high / before.low,
  };
}
