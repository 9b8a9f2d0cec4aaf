import { join } from 'node:path';

import type { Mode } from '../support/node.js';
import { agd } from '../support/paths.js';
import { Process, descendants } from '../support/process.js';

export const names = ['node1', 'node2', 'node3', 'node4'] as const;
export type Name = (typeof names)[number];

export interface Line {
  readonly name: string;
  readonly mode: string;
  readonly byHand: boolean;
  readonly height: number;
  readonly appHash: string;
}

/** Parses a node's line; undefined for one without a height. */
function lineOf(text: string): Line | undefined {
  const found =
    /^(node\d+)\s+(split|in-process)\s+height (\d+)\s+app hash ([0-9A-F]{8})  (?:peers \d|block )/.exec(
      text,
    );
  const [, name = '', mode = '', height, appHash = ''] = found ?? [];
  return found
    ? {
        ...{ name, mode, height: Number(height), appHash },
        byHand: text.endsWith('  by hand'),
      }
    : undefined;
}

/** A running `agd localnet`. */
export class Net extends Process {
  readonly dir: string;

  constructor(dir: string, ...args: readonly string[]) {
    super(agd, ['localnet', '--home', dir, ...args]);
    this.dir = dir;
  }

  /** The process id of a node that it started. */
  node(name: Name): number {
    const row = descendants(this.pid).find(
      ({ ppid, command }) =>
        ppid === this.pid && command.includes(` ${join(this.dir, name)} `),
    );
    if (!row) throw new Error(`${name} does not run`);
    return row.pid;
  }

  /** All of its lines with a height. */
  get lines(): Line[] {
    return this.stdout.flatMap((text) => lineOf(text) ?? []);
  }

  /** The last height of any node. */
  get top(): number {
    return Math.max(0, ...this.lines.map(({ height }) => height));
  }

  /**
   * Resolves once a node's line shows this height or a later one.
   *
   * @param byHand the mode of a node that was started by hand; undefined: any
   * node
   */
  async height(name: Name, wanted: number, byHand?: Mode): Promise<void> {
    await this.line((text) => {
      const line = lineOf(text);
      if (line?.name !== name || line.height < wanted) return undefined;
      if (byHand === undefined) return true;
      return line.byHand && line.mode === byHand ? true : undefined;
    });
  }

  async heights(wanted: number, of: readonly Name[] = names): Promise<void> {
    await Promise.all(of.map((name) => this.height(name, wanted)));
  }

  /** Kills it and all of its descendants. */
  override async kill(): Promise<void> {
    const below = descendants(this.pid);
    await super.kill();
    for (const { pid } of below) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
}
