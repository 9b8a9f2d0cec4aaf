import { randomFrom } from '@agd-bridge/measure';
import test from 'ava';

import { withTempDir } from '../support/homes.js';
import { candidates, starters, takesPart } from './candidates.js';
import { cases } from './cases.js';
import { isCall } from './side.js';
import { Peers, runCase, type Options } from './run.js';

// A candidate that no longer starts, or no longer answers, ends `make bench`,
// which nothing else runs.
const all = [...candidates, ...starters];
const small = cases.filter(
  ({ op, bytes, outstanding, cpus }) =>
    (op === 'start' || isCall(op)) &&
    bytes <= 64 &&
    outstanding === 1 &&
    cpus === 'any',
);
const options: Options = {
  milliseconds: 1,
  rounds: 1,
  maxRounds: 1,
  random: randomFrom(1),
};

for (const each of small) {
  test.serial(`every candidate of "${each.name}" is measured`, async (t) => {
    await withTempDir(async (directory) => {
      const peers = new Peers({ ...process.env, BENCH_DIRECTORY: directory });
      try {
        const { rounds } = await runCase(each, all, [], peers, options);
        t.deepEqual(
          [...(rounds[0]?.keys() ?? [])].sort(),
          all
            .filter((candidate) => takesPart(candidate, each))
            .map(({ name }) => name)
            .sort(),
        );
      } finally {
        await peers.end();
      }
    });
  });
}
