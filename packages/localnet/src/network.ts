import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { ownerOf } from '@agd-bridge/chain-kit';

import type { Display } from './display.js';
import { LocalNode, startedByHand, type Member } from './node.js';
import type { NetworkRecord } from './record.js';
import { byHand, hints, leftRunning, startAgain } from './hints.js';
import { statusOf } from './status.js';
import { Watch } from './watch.js';

export interface NetworkOptions {
  readonly agd: string;
  /** agd's name as the user types it. */
  readonly command: string;
  readonly dir: string;
  readonly record: NetworkRecord;
  /** Number of nodes in split mode: the first ones. */
  readonly split: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Interval between status requests, in ms. */
const INTERVAL = 500;

/** The running nodes of a network. Its creator calls {@link stop}. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #nodes: readonly Member[];
  readonly #watches: readonly Watch[];
  readonly #display: Display;
  /** Processes started by hand that were reported. */
  readonly #reported = new Set<number>();
  #stopping = false;

  /**
   * Starts all nodes at once, except those that were started by hand before.
   * @throws Error if one fails to start; then none is left running
   */
  static async start(
    options: NetworkOptions,
    display: Display,
  ): Promise<Network> {
    const { agd, dir, record, split, env } = options;
    const nodes: Member[] = [];
    try {
      for (const [index, { name }] of record.nodes.entries()) {
        const mode = index < split ? 'split' : 'in-process';
        const home = join(dir, name);
        const owner = ownerOf(home);
        nodes.push(
          owner === undefined
            ? new LocalNode({ agd, home, name, mode, env })
            : startedByHand(name, owner.mode),
        );
      }
    } catch (error) {
      await Promise.all(nodes.map((node) => node.stop()));
      throw error;
    }
    return new Network(options, nodes, display);
  }

  private constructor(
    options: NetworkOptions,
    nodes: readonly Member[],
    display: Display,
  ) {
    const { dir, record } = options;
    this.#options = options;
    this.#display = display;
    this.#nodes = nodes;
    this.#watches = this.#nodes.map(
      (node, index) =>
        new Watch(node, {
          status: async () => statusOf(record.nodes[index]?.rpc ?? 0),
          owner: () => ownerOf(join(dir, node.name)),
          now: () => performance.now(),
        }),
    );
    for (const node of this.#nodes) {
      if (!(node instanceof LocalNode)) continue;
      void node.exited.then(() => {
        const { how = '' } = node;
        if (!this.#stopping) display.say(obituary(options, node, how));
      });
    }
  }

  /** Shows the nodes until all have exited, or the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    const stopped = aborted(signal);
    let hinted = false;
    const show = (): void => {
      const views = this.#watches.map(({ view }) => view);
      this.#display.show(views);
      for (const view of views) {
        if (!view.byHand || view.pid === undefined) continue;
        if (this.#reported.has(view.pid)) continue;
        this.#reported.add(view.pid);
        this.#say(byHand(view));
      }
      if (hinted || !views.some(({ state }) => state === 'running')) return;
      hinted = true;
      for (const line of hints(this.#options, views)) {
        this.#display.say(line);
      }
    };
    while (this.#running && !signal.aborted) {
      show();
      const asked = Promise.all([
        setTimeout(INTERVAL),
        ...this.#watches.map((watch) => watch.ask()),
      ]);
      await Promise.race([asked, stopped]);
    }
    show();
  }

  get #running(): boolean {
    return this.#watches.some(({ view }) => view.pid !== undefined);
  }

  /**
   * Ends all nodes and shows how they ended. A second call shortens their grace
   * period.
   */
  async stop(): Promise<void> {
    const again = this.#stopping;
    this.#stopping = true;
    await Promise.all(this.#nodes.map((node) => node.stop()));
    if (!again) this.#display.show(this.#watches.map(({ view }) => view));
  }

  /** Reports the nodes that {@link stop} has left running. */
  reportLeft(): void {
    for (const { view } of this.#watches) {
      if (view.byHand) this.#say(leftRunning(view));
    }
  }

  #say(text: string): void {
    this.#display.say(`agd localnet: ${text}`);
  }
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

/** One line: how a node ended, where its log is, and how to continue. */
function obituary(
  options: NetworkOptions,
  node: LocalNode,
  how: string,
): string {
  const words = node.lastWords;
  const why = words === undefined ? '' : `: ${words}`;
  return `agd localnet: ${node.name} ended (${how})${why}; its log is ${node.log}; to start it again: ${startAgain(options, node)}`;
}
