import { randomFrom } from '@agd-bridge/measure';

import { modes, type Mode } from '../support/node.js';
import { points, type Point } from './chain.js';

/** Which process is killed. In-process, agd and the VM are one. */
export type Target = 'agd' | 'vm' | 'group' | 'worker';

/**
 * The moment of the kill: while the node starts, while it makes blocks, or at a
 * named point.
 */
export type Moment = 'starting' | 'running' | Point;

const moments: readonly Moment[] = [...points, 'running', 'starting'];

/** One kill. */
export interface Round {
  readonly mode: Mode;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly target: Target;
  readonly moment: Moment;
  /** Delay after that moment, in milliseconds; none at a named point. */
  readonly delay: number;
  /**
   * At a named point: the block, counted from the validator's possible height.
   * 0 is the first block of the run, which may be a replayed one.
   */
  readonly ahead: number;
}

/**
 * The rounds of a seed. Any eight in a row contain all moments; the rest is
 * random. A worker is not killed at a named point, because no process would
 * notice.
 */
export function plan(seed: number, rounds: number): Round[] {
  const draw = randomFrom(seed);
  const pick = <T>(from: readonly T[]): T => {
    const [picked] = from.slice(Math.floor(draw() * from.length));
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  };
  return Array.from({ length: rounds }, (_, index) => {
    const moment = moments[index % moments.length] ?? 'running';
    const targets: readonly Target[] =
      moment === 'running'
        ? ['agd', 'vm', 'group', 'worker', 'worker']
        : ['agd', 'vm', 'group'];
    return {
      moment,
      mode: pick(modes),
      signal: pick(['SIGKILL', 'SIGTERM']),
      target: pick(targets),
      delay: Math.floor(draw() * 3000),
      ahead: Math.floor(draw() * 4),
    };
  });
}

/** The expected end of the node. */
export function expectedExit({ mode, signal, target }: Round) {
  if (target === 'worker' || (mode === 'split' && target === 'vm')) {
    const stopped = target === 'vm' && signal === 'SIGTERM';
    return { code: stopped ? 98 : 99, signal: null };
  }
  return signal === 'SIGTERM'
    ? { code: 98, signal: null }
    : { code: null, signal };
}

export function describe(round: Round): string {
  const { mode, signal, target, moment } = round;
  return `${signal} of the ${target}, ${mode}, ${moment}`;
}

/** The numbers of kills by process and moment, as a table. */
export function table(rounds: readonly Round[]): string {
  const rows = new Map<string, number>();
  for (const { mode, signal, target, moment } of rounds) {
    const key = [
      moment.padEnd(20),
      signal.padEnd(8),
      target.padEnd(7),
      mode.padEnd(11),
    ].join(' ');
    rows.set(key, (rows.get(key) ?? 0) + 1);
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => `${key} ${String(count).padStart(3)}`)
    .join('\n');
}
