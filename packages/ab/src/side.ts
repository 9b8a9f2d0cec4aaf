import { createHash } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';

import {
  bytes,
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

/** What one process used for a block. */
export interface ProcessUse {
  readonly name: string;
  /** CPU time in milliseconds. */
  readonly cpu: number;
  /** Memory after the block, shared pages counted by share, in bytes. */
  readonly memory: number;
}

/** What one block of one node took; times are in milliseconds. */
export interface BlockSample {
  readonly height: number;
  /** From the moment when the node may propose it until it is committed. */
  readonly block: number;
  /** The block actions: from agd's call to the kernel's answer. */
  readonly begin: number;
  readonly end: number;
  readonly commit: number;
  readonly afterCommit: number;
  /** What the downcalls took in agd. */
  readonly downcallTime: number;
  readonly downcalls: number;
  /** JSON text of all calls, both ways. */
  readonly bytes: number;
  /** Calls by direction and method. */
  readonly calls: Readonly<Record<string, number>>;
  /** Actions that the vat did, and that the kernel has left in its queue. */
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

/** A header's hash of no transactions. */
const NO_TRANSACTIONS = createHash('sha256').digest('hex').toUpperCase();

/** What the vat and the kernel's queue tell. */
interface Work {
  /** Actions that the vat has done so far. */
  readonly done: number;
  readonly left: number;
}

/** How much longer than its pause a node is stopped, so that its timer has run out. */
const MARGIN = 20;

/**
 * One node of a comparison. Between its blocks all of its processes are
 * stopped (SIGSTOP), with the next transaction in its mempool: CometBFT makes
 * blocks one after the other as long as their app hashes differ, and they
 * always do, so nothing else would keep it from taking CPU time from the other
 * node. {@link block} lets it make one.
 */
export class Side {
  readonly node: ChainNode;
  readonly #pause: number;
  /** Where the vat publishes how many actions it did. */
  readonly #path: string;
  #totals: Totals = new Map();
  #done = 0;

  private constructor(node: ChainNode, pause: number, path: string) {
    this.node = node;
    this.#pause = pause;
    this.#path = path;
  }

  /** Takes a node over once it has made its first block. {@link settle} comes next. */
  static async take(
    node: ChainNode,
    pause: number,
    path: string,
  ): Promise<Side> {
    await node.height(1);
    return new Side(node, pause, path);
  }

  /**
   * Lets the node go on to this height at least, and until no transaction
   * waits, and stops it there with the next one. False if it has made other
   * blocks than those before it was stopped.
   */
  async settle(tx: Buffer, target: number): Promise<boolean> {
    const { node } = this;
    node.resume();
    let height: number;
    do {
      height = Math.max(node.committed.height + 1, target);
      await node.height(height);
    } while ((await this.#waiting()) > 0);
    const [totals, { done }] = await Promise.all([node.totals(), this.#work()]);
    this.#totals = totals;
    this.#done = done;
    const since = node.committed.at - this.#pause / 2;
    return (await this.#stopWith(tx, height, since)) && height === target;
  }

  /**
   * Gives the node a transaction and stops it. False if it has made more than
   * the block of this height, or may have begun another: CometBFT counts the
   * pause from its decision, which comes after `since` and before the block's
   * work.
   */
  async #stopWith(tx: Buffer, height: number, since: number): Promise<boolean> {
    await this.#submit(tx);
    this.node.pause();
    const inTime = performance.now() < since + this.#pause - 5 * MARGIN;
    // What it has said before it was stopped is still to be read.
    await setImmediate();
    return inTime && this.node.committed.height === height;
  }

  /**
   * Makes the block of the transaction that waits, and leaves the node with the
   * next one. Undefined if the node made another block before it was stopped:
   * then nothing can be told of this one, and {@link settle} comes next.
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
    const [totals, { done, left }, header] = await Promise.all([
      node.totals(),
      this.#work(),
      this.#header(height + 1),
    ]);
    const stopped = await this.#stopWith(next, height + 1, began);
    const calls = since(this.#totals, totals);
    const actions = done - this.#done;
    this.#totals = totals;
    this.#done = done;
    // A block that had begun before the node was stopped is without the transaction.
    const ours = header.data_hash !== NO_TRANSACTIONS;
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

  async #submit(tx: Buffer): Promise<void> {
    const { code, log } = await this.node.rpc<{ code: number; log: string }>(
      'broadcast_tx_sync',
      { tx: tx.toString('base64') },
    );
    if (code !== 0) throw new Error(`a transaction was refused: ${log}`);
  }

  /** How many transactions are in no block yet. */
  async #waiting(): Promise<number> {
    const { n_txs: count } = await this.node.rpc<{ n_txs: string }>(
      'num_unconfirmed_txs',
      {},
    );
    return Number(count);
  }

  /** The hash of what the transactions of a block resulted in: code, data and gas. The next block carries it. */
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
    // A queue that is empty has neither.
    const [head, tail, published] = await Promise.all([
      this.#vstorage('actionQueue.head'),
      this.#vstorage('actionQueue.tail'),
      this.published(),
    ]);
    const { actions } = JSON.parse(published || '{}') as { actions?: number };
    return { done: actions ?? 0, left: Number(tail || 0) - Number(head || 0) };
  }

  /** What the vat has published of its actions, '' before the first. */
  async published(): Promise<string> {
    return this.#vstorage(this.#path);
  }

  async #vstorage(path: string): Promise<string> {
    const { response } = await this.node.rpc<{
      response: { code: number; log: string; value: string | null };
    }>('abci_query', {
      path: '/agoric.vstorage.Query/Data',
      data: bytes(1, path).toString('hex'),
    });
    if (response.code !== 0) throw new Error(`${path}: ${response.log}`);
    return textOf(Buffer.from(response.value ?? '', 'base64'));
  }
}

/** The only field of a QueryDataResponse. */
function textOf(response: Buffer): string {
  let at = 1;
  while ((response[at] ?? 0) > 127) at += 1;
  return response.subarray(at + 1).toString();
}

/** CPU time by process id. */
function cpuOf(processes: readonly NodeProcess[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const { pid } of processes) {
    try {
      found.set(pid, cpuTime(pid));
    } catch {
      // A worker that the kernel has replaced meanwhile.
    }
  }
  return found;
}

/** The processes that are there, all of them stopped, with what they used between two readings. */
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
