import { join } from 'node:path';

import { root } from '../support/paths.js';
import { candidateNamed, type Candidate } from './candidates.js';
import type { CallCase } from './cases.js';
import { isCall } from './side.js';
import type { Target } from './targets.js';

/** The backends of the bridge that are compared with those of an earlier build. */
const compared = ['in-process', 'split', 'split-shm'] as const;

/** The name of a candidate's counterpart in an earlier build. */
const before = (name: string): string => `${name}, base`;

/**
 * The backends of an earlier commit, each with the Go peer and the JavaScript
 * of that commit.
 *
 * @param checkout the directory that tools/bench-base.sh prints
 */
export function baseCandidates(checkout: string): readonly Candidate[] {
  const there = (path: string): string =>
    path.startsWith(join(root, 'build', 'test'))
      ? join(checkout, path.slice(root.length))
      : path;
  return compared.map((name): Candidate => {
    const found = candidateNamed(name);
    const { command, env = {} } = found;
    return {
      ...found,
      name: before(name),
      what: `${found.what}, of the earlier build`,
      ops: ['downcall', 'async downcall', 'upcall'], // every build has these
      from: { name, checkout },
      command: (program) => {
        const [file, ...args] = command(program);
        return [there(file), ...args];
      },
      env: Object.fromEntries(
        Object.entries(env).map(([key, value]) => [key, there(value)]),
      ),
    };
  });
}

/** New ÷ earlier build, a row for each backend and case of calls. */
export function baseTargets(cases: readonly CallCase[]): readonly Target[] {
  return cases
    .filter(({ op }) => isCall(op) && op !== 'spaced downcall')
    .flatMap((each) =>
      compared.map((name): Target => ({
        name: `${each.name}, ${name}, new ÷ base`,
        case: each.name,
        statistic: 'p50',
        numerator: name,
        denominator: before(name),
        comparison: 'ratio',
        op: '<=',
        target: 1,
      })),
    );
}
