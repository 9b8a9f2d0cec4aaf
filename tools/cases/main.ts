/**
 * Writes the table of conformance cases into docs/conformance.md, between its
 * two marks. With --check it writes nothing, and fails if the table is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { backends } from '../../test/conformance/backends.js';
import { cases } from '../../test/conformance/cases.js';

const document = fileURLToPath(
  new URL('../../docs/conformance.md', import.meta.url),
);
const [start, end] = [
  '<!-- cases: written by make docs -->',
  '<!-- end of cases -->',
];

/** A cell of a markdown table, on one line. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

const rows = cases.map(({ name, outcome, notApplicable = {} }) => [
  name,
  outcome,
  ...backends.map((backend) => {
    const reason = notApplicable[backend.name];
    return reason === undefined ? 'same' : `cannot occur: ${reason}`;
  }),
]);
const header = ['case', 'outcome', ...backends.map(({ name }) => name)];
const table = [header, header.map(() => '---'), ...rows]
  .map((row) => `| ${row.map(cell).join(' | ')} |`)
  .join('\n');

const old = readFileSync(document, 'utf8');
const [from, to] = [old.indexOf(start), old.indexOf(end)];
if (from < 0 || to < from) {
  throw new Error(`${document} has no line ${start} or no line ${end}`);
}
const text = `${old.slice(0, from)}${start}\n\n${table}\n\n${old.slice(to)}`;
if (process.argv.includes('--check')) {
  if (text !== old) {
    console.error(
      'docs/conformance.md: the table is out of date: run make docs',
    );
    process.exitCode = 1;
  }
} else writeFileSync(document, text);
