import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';

import test from 'ava';

import { facts, type UpstreamFact } from './upstream-facts.js';

const repository = join(import.meta.dirname, '..', '..', '..');

/** The root of a package, resolved step by step. */
function rootOf(from: UpstreamFact['from']): string {
  return from.reduce(
    (user, name) => {
      const main = createRequire(join(user, 'index.js')).resolve(name);
      const root = join(sep, 'node_modules', name, sep);
      return main.slice(0, main.lastIndexOf(root) + root.length);
    },
    join(repository, 'packages', 'agvm'),
  );
}

function missing({ from, file, pattern }: UpstreamFact): boolean {
  const path = join(rootOf(from), file);
  return !existsSync(path) || !pattern.test(readFileSync(path, 'utf8'));
}

test('every fact that agvm depends on holds in the installed kernel', (t) => {
  const broken = facts.filter(missing).map(({ fact, from, file, ours }) => {
    return `${from.at(-1) ?? ''} ${file}: not found: ${fact} (see ${ours})`;
  });
  t.deepEqual(broken, []);
});

test('the facts were verified in the installed versions', (t) => {
  const moved = facts.flatMap(({ from, version, ours }) => {
    const manifest = join(rootOf(from), 'package.json');
    const installed = (
      JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    ).version;
    return installed === version
      ? []
      : [
          `${from.at(-1) ?? ''} is ${installed}, was ${version}: verify ${ours}`,
        ];
  });
  t.deepEqual([...new Set(moved)], []);
});

test('docs/kernel-versions.md names every file that depends on a fact', (t) => {
  const page = readFileSync(
    join(repository, 'docs', 'kernel-versions.md'),
    'utf8',
  );
  const files = new Set(facts.map(({ ours }) => ours));
  t.deepEqual(
    [...files].filter((file) => !page.includes(`\`${file}\``)),
    [],
  );
});

test('a fact that no longer holds is reported', (t) => {
  const [fact] = facts;
  t.truthy(fact);
  if (fact) t.true(missing({ ...fact, pattern: /no such text in the file/ }));
});
