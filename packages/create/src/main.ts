/** The entry point of `npm create @agd-bridge DIRECTORY`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { createProgram } from './index.js';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 64;

const own = join(import.meta.dirname, '..');
const { version } = JSON.parse(
  readFileSync(join(own, 'package.json'), 'utf8'),
) as { version: string };

const [directory, ...rest] = process.argv.slice(2);
if (directory === undefined || directory.startsWith('-') || rest.length > 0) {
  console.error('usage: npm create @agd-bridge DIRECTORY');
  process.exit(EXIT_USAGE);
}
try {
  const name = createProgram(directory, join(own, 'template'), version);
  console.log(`created ${name}; next:

    cd ${directory}
    npm install
    go mod tidy
    npm run build
    npm start                   # two processes
    npm run start:one-process   # one process
`);
} catch (error) {
  console.error(`create-agd-bridge: ${(error as Error).message}`);
  process.exit(EXIT_FAILURE);
}
