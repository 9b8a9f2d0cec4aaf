import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import test from 'ava';

import { contract } from './contract.js';

const root = join(import.meta.dirname, '..', '..', '..');

/** The sources below a directory, without tests. */
function sourcesIn(directory: string): string[] {
  return readdirSync(join(root, directory), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .filter(({ name }) => /\.(go|ts|cc|c|h)$/.test(name))
    .filter(
      ({ name }) => !/(_test\.go|\.test\.ts|\.pb\.go|\.d\.ts)$/.test(name),
    )
    .map(({ parentPath, name }) =>
      readFileSync(join(parentPath, name), 'utf8'),
    );
}

/** The number of an expression in any of the languages: products, shifts, differences. */
function numberOf(expression: string): number {
  const text = expression.replaceAll('_', '').trim();
  const [, left, operator, right] = /^(.+) (-|<<|\*) (\S+)$/.exec(text) ?? [];
  if (left === undefined || right === undefined) return Number(text);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (operator === '-') return a - b;
  return operator === '*' ? a * b : a * 2 ** b;
}

for (const { name, value, places } of contract) {
  test(`both languages agree: ${name}`, (t) => {
    for (const [directory, pattern] of places) {
      const every = new RegExp(pattern, `${pattern.flags}g`);
      const found = sourcesIn(directory).flatMap((text) =>
        [...text.matchAll(every)].map(([, group = '']) => group),
      );
      t.true(
        found.length > 0,
        `${directory}: nothing matches ${String(pattern)}`,
      );
      for (const text of found) {
        t.is(
          typeof value === 'number' ? numberOf(text) : text,
          value,
          `${directory}: ${text}`,
        );
      }
    }
  });
}

test("Go's names of the contract between agd and agvm stand in one file", (t) => {
  const names = contract
    .filter(({ places }) => places.some(([place]) => place === 'go/contract'))
    .map(({ value }) => value)
    .filter((value) => /^(AGVM_|agvm\.|agd\.)/.test(String(value)));
  t.true(names.length >= 9);
  // The bridge's own programs for tests know nothing of agd.
  for (const directory of readdirSync(join(root, 'go'))) {
    if (['bridge', 'contract'].includes(directory)) continue;
    if (!statSync(join(root, 'go', directory)).isDirectory()) continue;
    for (const text of sourcesIn(join('go', directory))) {
      for (const name of names) {
        t.false(
          text.includes(`"${String(name)}`),
          `go/${directory}: ${String(name)}`,
        );
      }
    }
  }
});

test("agvm's names of the contract are in contract.ts alone", (t) => {
  const directory = join(root, 'packages', 'agvm', 'src');
  const naming = readdirSync(directory)
    .filter((name) => name.endsWith('.ts'))
    .filter((name) =>
      /['"](AGVM_\w+|agvm\.Stop|agd\.Stop)['"]/.test(
        readFileSync(join(directory, name), 'utf8'),
      ),
    );
  t.deepEqual(naming, ['contract.ts']);
});
