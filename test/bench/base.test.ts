import { join } from 'node:path';
import process from 'node:process';

import test from 'ava';

import { root } from '../support/paths.js';
import { baseCandidates, baseTargets } from './base.js';
import { candidateNamed } from './candidates.js';
import { cases } from './cases.js';

test("an earlier build's candidate runs that build's peers, with this Node.js", (t) => {
  const program = ['side.ts'];
  for (const base of baseCandidates('/earlier')) {
    const { name, checkout } = base.from ?? {};
    t.is(checkout, '/earlier');
    t.is(base.name, `${String(name)}, base`);
    const own = candidateNamed(name);
    const moved = (text: string) =>
      text.replace(join(root, 'build', 'test'), '/earlier/build/test');
    const used = [...base.command(program), ...Object.values(base.env ?? {})];
    const ours = [...own.command(program), ...Object.values(own.env ?? {})];
    t.deepEqual(used, ours.map(moved));
    // In-process the program itself opens the library, that of its checkout.
    const first = name === 'in-process' ? process.execPath : '/earlier/build/';
    t.true(used[0]?.startsWith(first), name);
    t.true(used.includes(process.execPath));
  }
});

test('each case of calls is compared with the earlier build', (t) => {
  const names = new Set(baseCandidates('/earlier').map(({ name }) => name));
  const targets = baseTargets(cases);
  t.true(targets.some((target) => target.case === 'upcall, 1 MiB'));
  for (const target of targets) {
    t.true(names.has(target.denominator));
    t.is(target.denominator, `${target.numerator}, base`);
    t.notRegex(target.case, /start|store/);
  }
});
