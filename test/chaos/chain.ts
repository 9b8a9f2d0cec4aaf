import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { chainId } from '../support/homes.js';
import { bankSend, signerOf, txHash, type Signer } from '../support/bank-tx.js';
import {
  AgdNode,
  address,
  logEntry,
  runAgd,
  type Mode,
} from '../support/node.js';
import { workers } from '../support/process.js';

/**
 * The named points at which `AGD_TEST_PAUSE_AT` pauses a block
 * (go/app/pause.go), in the order of a block.
 */
export const points = [
  'before-end-block',
  'after-end-block',
  'before-commit-block',
  'after-commit-block',
  'after-chain-commit',
  'after-after-commit',
] as const;
export type Point = (typeof points)[number];

export const otherMode = (mode: Mode): Mode =>
  mode === 'split' ? 'in-process' : 'split';

/**
 * Resolves with the process id of the vat's worker; there is none while the
 * kernel replaces it after a snapshot.
 */
export async function vatWorker(node: AgdNode): Promise<number> {
  for (;;) {
    for (const { pid, command } of workers(node.pid)) {
      if (command.includes('v1:bootstrap')) return pid;
    }
    await setTimeout(20);
  }
}

/** Resolves with the height at which a node is paused. */
export async function paused(node: AgdNode): Promise<number> {
  return node.line((line) => {
    if (!line.includes('"paused for a test"')) return undefined;
    return (JSON.parse(line) as { height: number }).height;
  });
}

/** Resolves with the kernel's process id, once it takes actions. */
export async function connected(node: AgdNode): Promise<number> {
  return node.line((line) => {
    const entry = logEntry(line);
    return entry?.['message'] === 'kernel connected'
      ? Number(entry['vm_pid'])
      : undefined;
  });
}

/**
 * A full node's home with the chain of a home that no node uses, so that the
 * node needs no boot.
 */
export async function twinHome(dir: string, home: string): Promise<string> {
  const twin = join(dir, 'twin');
  await runAgd(twin, ['init', 'twin', '--chain-id', chainId]);
  const own = [
    'config/node_key.json',
    'config/priv_validator_key.json',
    'data/priv_validator_state.json',
  ].map((file) => join(home, file));
  await cp(home, twin, {
    recursive: true,
    filter: (file) => !own.includes(file),
  });
  return twin;
}

/** Makes the nodes of two homes peers: each dials the other at its start. */
export async function makePeers(
  a: { readonly home: string; readonly p2p: number },
  b: { readonly home: string; readonly p2p: number },
): Promise<void> {
  for (const [at, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const id = await runAgd(to.home, ['comet', 'show-node-id']);
    const peer = `${id}@127.0.0.1:${String(to.p2p)}`;
    const set = ['config', 'set', 'config', 'p2p.persistent_peers', peer];
    await runAgd(at.home, set);
  }
}

/**
 * The smallest payment. All payments differ, so that no sum is reached by
 * chance.
 */
const amountOf = (sequence: number): number => 1_000 + sequence;

/** Alice's payments to bob: a stream with an exactly known sum. */
export class Payments {
  readonly #signer: Signer;
  readonly bob: string;
  readonly #sent: Buffer[] = [];
  readonly #first: number;
  #next: Buffer | undefined;

  private constructor(signer: Signer, bob: string, first: number) {
    this.#signer = signer;
    this.bob = bob;
    this.#first = first;
  }

  /** Alice must have made `first` transactions so far; the gentx is one. */
  static async from(home: string, first = 1): Promise<Payments> {
    const signer = await signerOf(home, 'alice', 0);
    return new Payments(signer, await address(home, 'bob'), first);
  }

  /**
   * The total that bob has received once all payments are in blocks, in uist.
   */
  get sum(): number {
    return this.#sent.reduce(
      (sum, _, index) => sum + amountOf(this.#first + index),
      0,
    );
  }

  get alice(): string {
    return this.#signer.address;
  }

  /** The hashes of the payments that a node accepted. */
  get hashes(): readonly string[] {
    return this.#sent.map(txHash);
  }

  /** Resolves once this many more payments were accepted. */
  async taken(more: number): Promise<void> {
    const wanted = this.#sent.length + more;
    while (this.#sent.length < wanted) await setTimeout(50);
  }

  /**
   * Submits the next payment to a node. It repeats the same bytes until the
   * node reports that it accepted them, because a busy node may accept them and
   * its answer be lost.
   *
   * @throws Error if the node refuses it, or the result is unknown
   */
  async send(node: AgdNode): Promise<void> {
    const tx = (this.#next ??= this.#sign());
    await broadcast(node, tx).catch((error: unknown) => {
      if (!String(error).includes('tx already exists in cache')) throw error;
    });
    // Unless another call has already set it.
    if (this.#next !== tx) return;
    this.#sent.push(tx);
    this.#next = undefined;
  }

  #sign(): Buffer {
    const sequence = this.#first + this.#sent.length;
    const coin = { denom: 'uist', amount: amountOf(sequence) };
    return bankSend(this.#signer, sequence, this.bob, coin);
  }

  /**
   * Submits all payments again, in order; a node refuses those that are in a
   * block.
   */
  async resend(node: AgdNode): Promise<void> {
    for (const tx of this.#sent) {
      await broadcast(node, tx).catch(() => undefined);
    }
  }
}

async function broadcast(node: AgdNode, tx: Buffer): Promise<void> {
  const { code, log } = await node.rpc<{ code: number; log: string }>(
    `broadcast_tx_sync?tx=0x${tx.toString('hex')}`,
  );
  if (code !== 0) throw new Error(log);
}

/**
 * Pays every few milliseconds until it is stopped, so that each block has work.
 * It retries refused payments: a node refuses all while it catches up, and
 * reports wrong sequences while it rechecks its mempool.
 */
export function keepPaying(
  payments: Payments,
  node: AgdNode,
  every = 100,
): { stop(): Promise<void> } {
  const stop = new AbortController();
  const { signal } = stop;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const done = (async () => {
    while (!signal.aborted) {
      // A node that is paused in a block does not answer.
      await Promise.race([payments.send(node).catch(() => undefined), stopped]);
      await setTimeout(every, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}
