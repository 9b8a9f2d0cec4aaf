import { shuffled } from '@agd-bridge/measure';

import { CHAIN_ID, type Bed } from './bed.js';
import { modes, type Mode } from './node.js';
import { Side, type BlockSample } from './side.js';
import { signedTx, signerOf, walletAction, type Signer } from './tx.js';

/** The same block of both nodes. */
export type Pair = Readonly<Record<Mode, BlockSample>>;

/** What the chains came to. */
export interface Outcome {
  /** Results of transactions that differ, in words. */
  readonly results: readonly string[];
  /** What the vat has published of its actions. */
  readonly published: Readonly<Record<Mode, string>>;
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
 * Two nodes on copies of one chain, in two modes, that make the same blocks in
 * turn. The bed ends them.
 */
export class Comparison {
  readonly #bed: Bed;
  readonly #sides: Readonly<Record<Mode, Side>>;
  readonly #tx: (index: number) => Buffer;
  readonly #random: () => number;
  #made = 0;
  /** Blocks that were not counted. */
  slipped = 0;

  private constructor(
    bed: Bed,
    sides: Readonly<Record<Mode, Side>>,
    tx: (index: number) => Buffer,
    random: () => number,
  ) {
    this.#bed = bed;
    this.#sides = sides;
    this.#tx = tx;
    this.#random = random;
  }

  /** Starts both nodes: half a minute. */
  static async open(
    bed: Bed,
    actions: number,
    random: () => number,
  ): Promise<Comparison> {
    const signer = await signerOf(bed.options.agd, bed.home, 'alice', 0);
    const path = `published.wallet.${signer.address}`;
    const tx = (index: number): Buffer => actionsTx(signer, actions, index);
    const pause = PAUSE + PAUSE_EACH * actions;
    const [inProcess, split] = await Promise.all(
      modes.map(async (mode) =>
        Side.take(await bed.start(mode, pause), pause, path),
      ),
    );
    if (!inProcess || !split) throw new Error('two modes');
    const sides = { 'in-process': inProcess, split };
    const comparison = new Comparison(bed, sides, tx, random);
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
      const target =
        2 +
        Math.max(
          ...modes.map((mode) => this.#sides[mode].node.committed.height),
        );
      const stopped = await Promise.all(
        modes.map((mode) => this.#sides[mode].settle(tx, target)),
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
  async next(): Promise<Pair> {
    for (;;) {
      const tx = this.#nextTx();
      const samples = new Map<Mode, BlockSample | undefined>();
      for (const mode of shuffled(modes, this.#random)) {
        samples.set(mode, await this.#sides[mode].block(tx));
      }
      const [inProcess, split] = modes.map((mode) => samples.get(mode));
      if (inProcess && split) return { 'in-process': inProcess, split };
      this.slipped += 1;
      if (this.slipped > MOST_SLIPPED) throw tooBusy();
      await this.#settle();
    }
  }

  /** Lets both nodes go on, and compares what their blocks have resulted in. Nothing can be measured afterwards. */
  async finish(pairs: readonly Pair[]): Promise<Outcome> {
    const texts = await Promise.all(
      modes.map(async (mode) => {
        const { node } = this.#sides[mode];
        const { height } = node.committed;
        node.resume();
        await node.height(height + 2);
        return this.#sides[mode].published();
      }),
    );
    const found: string[] = [];
    for (const pair of pairs) {
      const [a, b] = await Promise.all(
        modes.map((mode) => this.#sides[mode].resultsHash(pair[mode].height)),
      );
      if (a !== b) {
        found.push(
          `block ${String(pair['in-process'].height)}: hash of the results: in-process ${String(a)}, split ${String(b)}`,
        );
      }
    }
    const [inProcess = '', split = ''] = texts;
    return { results: found, published: { 'in-process': inProcess, split } };
  }

  /** Ends both nodes. */
  async end(): Promise<void> {
    await Promise.all(
      modes.map((mode) => this.#bed.end(this.#sides[mode].node)),
    );
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

/** What the modes did differently in a block, in words; nothing, if they did the same. */
export function differences({ 'in-process': a, split: b }: Pair): string[] {
  const found: string[] = [];
  const compare = (what: string, left: unknown, right: unknown): void => {
    if (left === right) return;
    found.push(
      `block ${String(a.height)}: ${what}: in-process ${String(left)}, split ${String(right)}`,
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
