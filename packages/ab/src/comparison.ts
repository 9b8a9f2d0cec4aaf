import {
  signedTx,
  signerOf,
  walletAction,
  type Mode,
  type Signer,
  type Way,
} from '@agd-bridge/chain-kit';
import { shuffled } from '@agd-bridge/measure';

import { CHAIN_ID, type Bed } from './bed.js';
import { Side, type BlockSample } from './side.js';

/** How two nodes run, by their names. */
export type Ways<Name extends string = Mode> = Readonly<Record<Name, Way>>;

/** The same block of both nodes, by their names. */
export type Pair<Name extends string = Mode> = Readonly<
  Record<Name, BlockSample>
>;

/** What the chains came to. */
export interface Outcome<Name extends string = Mode> {
  /** Results of transactions that differ, in words. */
  readonly results: readonly string[];
  /** What the vat has published of its actions. */
  readonly published: Readonly<Record<Name, string>>;
}

/**
 * Least time between two decisions of a node, and more for each action: its
 * block is to be done within, and then it is stopped. In milliseconds.
 */
const [PAUSE, PAUSE_EACH] = [1000, 5];
/** Gas of a transaction, and of each of its messages. More than they use. */
const [GAS, GAS_EACH] = [200_000, 100_000];
/** alice has signed the validator's transaction of the genesis. */
const FIRST_SEQUENCE = 1;
/** How often nodes may be stopped too late. */
const MOST_SLIPPED = 20;
/** Calls that the kernel splits into more or fewer by timing. */
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
  /** Blocks that were not counted. */
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

  /** Starts both nodes: half a minute. */
  static async open<Name extends string>(
    bed: Bed,
    ways: Ways<Name>,
    actions: number,
    random: () => number,
  ): Promise<Comparison<Name>> {
    const signer = await signerOf(bed.options.agd, bed.home, 'alice', 0);
    const path = `published.wallet.${signer.address}`;
    const tx = (index: number): Buffer => actionsTx(signer, actions, index);
    const pause = PAUSE + PAUSE_EACH * actions;
    const take = async (way: Way): Promise<Side> =>
      Side.take(await bed.start(way, pause), pause, path);
    const sides = await Promise.all(
      entriesOf(ways).map(
        async ([name, way]) => [name, await take(way)] as const,
      ),
    );
    const comparison = new Comparison(bed, new Map(sides), tx, random);
    await comparison.#settle();
    return comparison;
  }

  /**
   * Both nodes stopped at the same height, with the same transaction in their
   * mempools: a height is in every action, and its digits cost gas.
   */
  async #settle(): Promise<void> {
    for (let tries = 0; tries <= MOST_SLIPPED; tries += 1) {
      const tx = this.#nextTx();
      const sides = [...this.#sides.values()];
      const target =
        2 + Math.max(...sides.map(({ node }) => node.committed.height));
      const stopped = await Promise.all(
        sides.map((side) => side.settle(tx, target)),
      );
      if (!stopped.includes(false)) return;
    }
    throw tooBusy();
  }

  #nextTx(): Buffer {
    const tx = this.#tx(this.#made);
    this.#made += 1;
    return tx;
  }

  /**
   * The next block of both, in random order. One that cannot be told apart
   * from another, because a node was stopped too late, is not counted.
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
      await this.#settle();
    }
  }

  /** Lets both nodes go on, and compares what their blocks have resulted in. Nothing can be measured afterwards. */
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
        const told = hashes.map(({ name, hash }) => `${name} ${hash}`);
        found.push(
          `block ${String(hashes[0]?.height)}: hash of the results: ${told.join(', ')}`,
        );
      }
    }
    return { results: found, published: this.#inOrder(texts) };
  }

  /** What there is of each side, by its name, in the order of the sides. */
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
    `${String(MOST_SLIPPED)} times a node made a block before it was stopped: the machine is too busy to compare`,
  );
}

/** A transaction of so many actions, each with a text of its own. */
function actionsTx(signer: Signer, actions: number, index: number): Buffer {
  const messages = Array.from({ length: actions }, (_, action) =>
    walletAction(signer.address, JSON.stringify({ block: index, action })),
  );
  return signedTx(signer, messages, {
    chainId: CHAIN_ID,
    sequence: FIRST_SEQUENCE + index,
    gas: GAS + GAS_EACH * actions,
  });
}

/** What two nodes did differently in a block, in words; nothing, if they did the same. */
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
