/**
 * The Node program of a candidate: `node --import=tsx fixture-side.ts
 * <candidate>`. Reads slices from standard input, one JSON line each, and
 * prints the duration of each call. Exits at the end of its input.
 */
import { createInterface } from 'node:readline';

import { candidateNamed } from './candidates.js';
import { measure } from './measure.js';
import type { Slice } from './side.js';

function tell(reply: object): void {
  console.log(JSON.stringify(reply));
}

const side = await candidateNamed(process.argv[2]).open();
tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const nanoseconds = await measure(side, JSON.parse(line) as Slice);
  tell({ nanoseconds });
}
side.close();
