import { createHash } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';

import {
  callsOf,
  cpuTime,
  memory,
  since,
  sumOf,
  type CallTotals,
  type NodeProcess,
  type Totals,
} from '@agd-bridge/chain-kit';

import type { ChainNode } from './chain-node.js';
import type { Workload } from './workload.js';

/** Resource use of one process for a block. */
export interface ProcessUse {
  readonly name: string;
  /** CPU time in ms. */
  readonly cpu: number;
  /** Proportional set size after the block, in bytes. */
  readonly memory: number;
}

/** Measurements of one block of one node; times are in ms. */
export interface BlockSample {
  readonly height: number;
  /** From the moment when the node may propose the block until its commit. */
  readonly block: number;
  /** The block actions: from agd's call to the kernel's response. */
  readonly begin: number;
  readonly end: number;
  readonly commit: number;
  readonly afterCommit: number;
  /** Time of the downcalls in agd's handlers, and as the kernel sees them. */
  readonly downcallTime: number;
  readonly vmDowncallTime: number;
  readonly downcalls: number;
  /** Size of all calls as JSON text, both ways, in bytes. */
  readonly bytes: number;
  /** Calls by direction and method. */
  readonly calls: Readonly<Record<string, number>>;
  /**
   * Messages of the workload that the vat executed, and actions that the kernel
   * left in its queue.
   */
  readonly actions: number;
  readonly left: number;
  readonly cpu: number;
  readonly memory: number;
  readonly processes: readonly ProcessUse[];
}

interface Header {
  readonly data_hash: string;
  readonly last_results_hash: string;
}

/** The data hash in a header without transactions. */
const NO_TRANSACTIONS = createHash('sha256').digest('hex').toUpperCase();

/** Progress of the vat and of the kernel's queue. */
interface Work {
  /** Messages of the workload that the vat has executed so far. */
  readonly done: number;
  readonly left: number;
}

/**
 * Time beyond its pause that a node stays suspended, so that its timer has
 * expired, in ms.
 */
const MARGIN = 20;

/**
 * One node of a comparison. Between its blocks all of its processes are
 * suspended (SIGSTOP), with the next transaction in its mempool. CometBFT makes
 * blocks continuously as long as their app hashes differ, and they always do,
 * so only this keeps the node from taking CPU time from the other one. {@link
 * block} lets it make one block.
 */
export class Side {
  readonly node: ChainNode;
  readonly #pause: number;
  readonly #workload: Pick<Workload, 'paths' | 'done'>;
  #totals: Totals = new Map();
  #vmDowncallTime = 0;
  #done = 0;

  private constructor(node: ChainNode, pause: number, workload: Workload) {
    this.node = node;
    this.#pause = pause;
    this.#workload = workload;
  }

  /**
   * Takes over a node that has made its first block. Call {@link settle} next.
   */
  static async take(
    node: ChainNode,
    pause: number,
    workload: Workload,
  ): Promise<Side> {
    await node.height(1);
    return new Side(node, pause, workload);
  }

  /**
   * Resumes the node until it has reached this height and no transaction waits,
   * then suspends it with the next transaction. Returns false if the node made
   * further blocks before it was suspended.
   */
  async settle(tx: Buffer, target: number): Promise<boolean> {
    const { node } = this;
    node.resume();
    const height = await this.#emptied(target);
    const [totals, vmDowncallTime, { done }] = await Promise.all([
      node.totals(),
      node.vmDowncallTime(),
      this.#work(),
    ]);
    this.#totals = totals;
    this.#vmDowncallTime = vmDowncallTime;
    this.#done = done;
    const since = node.committed.at - this.#pause / 2;
    return (await this.#stopWith(tx, height, since)) && height === target;
  }

  /**
   * Gives the node a transaction and suspends it. Returns false if it has made
   * more than the block of this height, or may have begun another: CometBFT
   * counts the pause from its decision, which comes after `since` and before
   * the block's work.
   */
  async #stopWith(tx: Buffer, height: number, since: number): Promise<boolean> {
    await this.#submit(tx);
    this.node.pause();
    const inTime = performance.now() < since + this.#pause - 5 * MARGIN;
    // Output from before the suspension is still to be read.
    await setImmediate();
    return inTime && this.node.committed.height === height;
  }

  /**
   * Makes the block of the waiting transaction, and leaves the node with the
   * next one. Undefined if the node made another block before it was suspended:
   * then this one cannot be attributed; call {@link settle} next.
   */
  async block(next: Buffer): Promise<BlockSample | undefined> {
    const { node } = this;
    const { height, at } = node.committed;
    const rest = at + this.#pause + MARGIN - performance.now();
    if (rest > 0) await setTimeout(rest);
    const before = cpuOf(node.processes);
    const began = performance.now();
    node.resume();
    await node.height(height + 1);
    const took = node.committed.at - began;
    const after = cpuOf(node.processes);
    const [totals, vmTime, { done, left }, header] = await Promise.all([
      node.totals(),
      node.vmDowncallTime(),
      this.#work(),
      this.#header(height + 1),
    ]);
    // A block begun before the suspension lacks the transaction. Then the next
    // one, which may depend on it, waits for its block.
    const ours = header.data_hash !== NO_TRANSACTIONS;
    if (!ours) await this.#emptied(height + 2);
    const stopped = await this.#stopWith(next, height + 1, began);
    const calls = since(this.#totals, totals);
    const actions = done - this.#done;
    const vmDowncallTime = vmTime - this.#vmDowncallTime;
    this.#totals = totals;
    this.#vmDowncallTime = vmTime;
    this.#done = done;
    const one = callsOf(calls, 'up swingset.EndBlock').count === 1;
    if (!stopped || !ours || !one) return undefined;
    const processes = usesOf(node.processes, before, after);
    const down = sumOf(calls, 'down');
    const up = (action: string): number =>
      callsOf(calls, `up swingset.${action}`).seconds * 1000;
    return {
      height: height + 1,
      block: took,
      begin: up('BeginBlock'),
      end: up('EndBlock'),
      commit: up('CommitBlock'),
      afterCommit: up('AfterCommitBlock'),
      downcallTime: down.seconds * 1000,
      vmDowncallTime,
      downcalls: down.count,
      bytes: down.bytes + sumOf(calls, 'up').bytes,
      calls: countsOf(calls),
      actions,
      left,
      cpu: total(processes, 'cpu'),
      memory: total(processes, 'memory'),
      processes,
    };
  }

  /**
   * Resolves with the node's height, `least` or more, when no transaction
   * waits.
   */
  async #emptied(least: number): Promise<number> {
    let height: number;
    do {
      height = Math.max(this.node.committed.height + 1, least);
      await this.node.height(height);
    } while ((await this.#waiting()) > 0);
    return height;
  }

  async #submit(tx: Buffer): Promise<void> {
    const { code, log } = await this.node.rpc<{ code: number; log: string }>(
      'broadcast_tx_sync',
      { tx: tx.toString('base64') },
    );
    if (code !== 0) throw new Error(`a transaction was refused: ${log}`);
  }

  /** Number of transactions in the mempool. */
  async #waiting(): Promise<number> {
    const { n_txs: count } = await this.node.rpc<{ n_txs: string }>(
      'num_unconfirmed_txs',
      {},
    );
    return Number(count);
  }

  /**
   * Hash of the results of a block's transactions: code, data and gas. The next
   * block's header contains it.
   */
  async resultsHash(height: number): Promise<string> {
    return (await this.#header(height + 1)).last_results_hash;
  }

  async #header(height: number): Promise<Header> {
    const { header } = await this.node.rpc<{ header: Header }>('header', {
      height: String(height),
    });
    return header;
  }

  async #work(): Promise<Work> {
    // An empty queue has neither.
    const [head, tail, published] = await Promise.all([
      this.node.vstorage('actionQueue.head'),
      this.node.vstorage('actionQueue.tail'),
      this.#records(),
    ]);
    return {
      done: this.#workload.done(published),
      left: Number(tail || 0) - Number(head || 0),
    };
  }

  /** The vat's published records of the workload, a line each. */
  async published(): Promise<string> {
    return (await this.#records()).join('\n');
  }

  /** The value of each path of the workload, '' before the first. */
  async #records(): Promise<string[]> {
    return Promise.all(
      this.#workload.paths.map((path) => this.node.vstorage(path)),
    );
  }
}

/** CPU time by process id. */
function cpuOf(processes: readonly NodeProcess[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const { pid } of processes) {
    try {
      found.set(pid, cpuTime(pid));
    } catch {
      // The kernel has replaced this worker.
    }
  }
  return found;
}

/**
 * The current processes, all suspended, with their use between two readings.
 */
function usesOf(
  processes: readonly NodeProcess[],
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): ProcessUse[] {
  return processes.map(({ pid, name }) => ({
    name,
    cpu: Math.max((after.get(pid) ?? 0) - (before.get(pid) ?? 0), 0) / 1e6,
    memory: memory(pid),
  }));
}

function countsOf(calls: Totals): Record<string, number> {
  return Object.fromEntries(
    [...calls].map(([key, { count }]: [string, CallTotals]) => [key, count]),
  );
}

function total(rows: readonly ProcessUse[], member: 'cpu' | 'memory'): number {
  return rows.reduce((sum, row) => sum + row[member], 0);
}
