import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { downcallTable, upcallTable } from './document.js';
import { methodsOf } from './json-schema.js';

/**
 * Generates files from the methods' schemas (packages/agvm/src/schemas.ts):
 * `go/vm/methods.json`, which agd checks with, and the tables of
 * `docs/protocol.md`. With `--check` it writes nothing, and fails if they are
 * stale.
 */
const root = join(import.meta.dirname, '..', '..');
const methodsFile = join(root, 'go', 'vm', 'methods.json');
const protocolFile = join(root, 'docs', 'protocol.md');

const methods = methodsOf();
await bring(methodsFile, () => `${JSON.stringify(methods, undefined, 2)}\n`);
await bring(protocolFile, (protocol) =>
  replaceSection(
    replaceSection(protocol, 'downcalls', downcallTable(methods)),
    'upcalls',
    upcallTable(methods),
  ),
);

/** Updates a file, or with `--check` reports that it is stale. */
async function bring(
  file: string,
  update: (before: string) => string,
): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '');
  const after = update(before);
  if (after === before) return;
  if (process.argv.includes('--check')) {
    console.error(`${relative(root, file)} is not up to date: make schemas`);
    process.exitCode = 1;
  } else {
    await writeFile(file, after);
  }
}

/** Replaces the text between a section's two comments. */
function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = [
    `<!-- ${name}: written by make schemas -->`,
    `<!-- end of ${name} -->`,
  ];
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`no section ${begin}`);
  return `${text.slice(0, start)}${begin}\n\n${content}\n\n${text.slice(stop)}`;
}
