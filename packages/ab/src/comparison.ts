import {
  signedTx,
  signerOf,
  type Mode,
  type Signer,
  type Way,
} from '@agd-bridge/chain-kit';
import { shuffled } from '@agd-bridge/measure';

import { CHAIN_ID, type Bed } from './bed.js';
import { Side, type BlockSample } from './side.js';
import {
  workloadOf,
  type MakeWorkload,
  type Workload,
  type WorkloadName,
} from './workload.js';

/** How each of two nodes runs, by name. */
export type Ways<Name extends string = Mode> = Readonly<Record<Name, Way>>;

/** The same block of both nodes, by name. */
export type Pair<Name extends string = Mode> = Readonly<
  Record<Name, BlockSample>
>;

/** The transaction of each block. */
export interface Load {
  /** Number of its messages. */
  readonly actions: number;
  /** Their kind, or what makes them; `wallet` by default. */
  readonly workload?: WorkloadName | MakeWorkload;
}

/** The final result of both chains. */
export interface Outcome<Name extends string = Mode> {
  /** Differing results of transactions, as text. */
  readonly results: readonly string[];
  /** The vat's published records of the workload. */
  readonly published: Readonly<Record<Name, string>>;
}

/**
 * Minimum time between two decisions of a node, and the addition for each
 * action, in ms. The block must complete within it; then the node is suspended.
 */
const [PAUSE, PAUSE_EACH] = [1000, 5];
/**
 * Maximum number of attempts to suspend both nodes in time before they are
 * started again with twice the pause, and how often that is done.
 */
const [SETTLE_TRIES, MOST_DOUBLED] = [6, 2];
/**
 * Gas limit of a transaction, and of each of its messages. Above what they use.
 */
const [GAS, GAS_EACH] = [200_000, 100_000];
/** alice has signed the validator's transaction of the genesis. */
const FIRST_SEQUENCE = 1;
/** Maximum number of blocks for which a node was suspended too late. */
const MOST_SLIPPED = 20;
/** Calls whose number depends on the kernel's timing. */
const BY_TIMING = 'down swingset.SwingStoreUpdateExportData';

/**
 * Two nodes on copies of one chain, run in two ways, that make the same blocks
 * in turn. The bed ends them.
 */
export class Comparison<Name extends string = Mode> {
  readonly #bed: Bed;
  readonly #sides: ReadonlyMap<Name, Side>;
  readonly #tx: (index: number) => Buffer;
  readonly #random: () => number;
  #made = 0;
  /** Number of blocks that were not counted. */
  slipped = 0;

  private constructor(
    bed: Bed,
    sides: ReadonlyMap<Name, Side>,
    tx: (index: number) => Buffer,
    random: () => number,
  ) {
    this.#bed = bed;
    this.#sides = sides;
    this.#tx = tx;
    this.#random = random;
  }

  /**
   * Starts both nodes; takes half a minute. On a machine that cannot suspend
   * them in time, they start again with longer pauses.
   *
   * @throws Error if the longest pause does not suffice
   */
  static async open<Name extends string>(
    bed: Bed,
    ways: Ways<Name>,
    { actions, workload: kind = 'wallet' }: Load,
    random: () => number,
  ): Promise<Comparison<Name>> {
    const signer = await signerOf(bed.options.agd, bed.home, 'alice', 0);
    for (let doubled = 0; doubled <= MOST_DOUBLED; doubled += 1) {
      const workload =
        typeof kind === 'string'
          ? workloadOf(kind, signer, actions)
          : kind(signer, actions);
      const tx = (index: number): Buffer => txOf(signer, workload, index);
      const pause =
        (PAUSE + (workload.each?.time ?? PAUSE_EACH) * actions) * 2 ** doubled;
      const take = async (way: Way): Promise<Side> =>
        Side.take(await bed.start(way, pause), pause, workload);
      const sides = await Promise.all(
        entriesOf(ways).map(
          async ([name, way]) => [name, await take(way)] as const,
        ),
      );
      const comparison = new Comparison(bed, new Map(sides), tx, random);
      if (await comparison.#settle(SETTLE_TRIES)) return comparison;
      await comparison.end();
    }
    throw tooBusy();
  }

  /**
   * Suspends both nodes at the same height, with the same transaction in their
   * mempools: every action contains the height, and its digits cost gas. Returns
   * false if no attempt was in time.
   */
  async #settle(tries: number): Promise<boolean> {
    for (let tried = 0; tried < tries; tried += 1) {
      const tx = this.#nextTx();
      const sides = [...this.#sides.values()];
      const target =
        2 + Math.max(...sides.map(({ node }) => node.committed.height));
      const stopped = await Promise.all(
        sides.map((side) => side.settle(tx, target)),
      );
      if (!stopped.includes(false)) return true;
    }
    return false;
  }

  #nextTx(): Buffer {
    const tx = this.#tx(this.#made);
    this.#made += 1;
    return tx;
  }

  /**
   * Makes the next block of both nodes, in random order. A block that cannot be
   * attributed, because a node was suspended too late, is not counted.
   *
   * @throws Error if that happens too often
   */
  async next(): Promise<Pair<Name>> {
    for (;;) {
      const tx = this.#nextTx();
      const samples = new Map<Name, BlockSample>();
      for (const [name, side] of shuffled([...this.#sides], this.#random)) {
        const sample = await side.block(tx);
        if (sample) samples.set(name, sample);
      }
      if (samples.size === this.#sides.size) return this.#inOrder(samples);
      this.slipped += 1;
      if (this.slipped > MOST_SLIPPED) throw tooBusy();
      if (!(await this.#settle(MOST_SLIPPED))) throw tooBusy();
    }
  }

  /**
   * Resumes both nodes, and compares the results of their blocks. No
   * measurement is possible afterwards.
   */
  async finish(pairs: readonly Pair<Name>[]): Promise<Outcome<Name>> {
    const texts = new Map(
      await Promise.all(
        [...this.#sides].map(async ([name, side]) => {
          const { node } = side;
          const { height } = node.committed;
          node.resume();
          await node.height(height + 2);
          return [name, await side.published()] as const;
        }),
      ),
    );
    const found: string[] = [];
    for (const pair of pairs) {
      const hashes = await Promise.all(
        [...this.#sides].map(async ([name, side]) => {
          const { height } = pair[name];
          return { name, height, hash: await side.resultsHash(height) };
        }),
      );
      if (new Set(hashes.map(({ hash }) => hash)).size > 1) {
        const texts = hashes.map(({ name, hash }) => `${name} ${hash}`);
        found.push(
          `block ${String(hashes[0]?.height)}: hash of the results: ${texts.join(', ')}`,
        );
      }
    }
    return { results: found, published: this.#inOrder(texts) };
  }

  /** The values by name, in the order of the sides. */
  #inOrder<T>(values: ReadonlyMap<Name, T>): Readonly<Record<Name, T>> {
    const names = [...this.#sides.keys()];
    return Object.fromEntries(
      names.map((name) => [name, values.get(name)]),
    ) as Record<Name, T>;
  }

  /** Ends both nodes. */
  async end(): Promise<void> {
    const sides = [...this.#sides.values()];
    await Promise.all(sides.map(({ node }) => this.#bed.end(node)));
  }
}

function tooBusy(): Error {
  return new Error(
    'a node made a block before it was suspended, again and again: the machine is too busy to compare: try again when it is idle',
  );
}

/** The workload's transaction with this index. */
function txOf(signer: Signer, workload: Workload, index: number): Buffer {
  const messages = workload.messages(index);
  return signedTx(signer, messages, {
    chainId: CHAIN_ID,
    sequence: FIRST_SEQUENCE + index,
    gas: GAS + (workload.each?.gas ?? GAS_EACH) * messages.length,
  });
}

/** Describes what two nodes did differently in a block; empty if nothing. */
export function differences<Name extends string>(pair: Pair<Name>): string[] {
  const [first, second] = entriesOf(pair);
  if (!first || !second) return [];
  const [[ours, a], [theirs, b]] = [first, second];
  const found: string[] = [];
  const compare = (what: string, left: unknown, right: unknown): void => {
    if (left === right) return;
    found.push(
      `block ${String(a.height)}: ${what}: ${ours} ${String(left)}, ${theirs} ${String(right)}`,
    );
  };
  compare('height', a.height, b.height);
  compare('actions', a.actions, b.actions);
  const names = new Set([...Object.keys(a.calls), ...Object.keys(b.calls)]);
  for (const name of [...names].sort()) {
    if (name === BY_TIMING) continue;
    compare(`calls ${name}`, a.calls[name] ?? 0, b.calls[name] ?? 0);
  }
  return found;
}

function entriesOf<Name extends string, T>(
  record: Readonly<Record<Name, T>>,
): [Name, T][] {
  return Object.entries(record) as [Name, T][];
}
