/** Puts an installation into an empty directory: tools/install.sh. */
import process from 'node:process';

import { stage } from './stage.js';

const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error('usage: main.ts DIRECTORY');
  process.exit(64);
}
stage(target);
