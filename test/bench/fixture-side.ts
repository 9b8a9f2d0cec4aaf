/**
 * The Node program of a candidate: `node --import=tsx fixture-side.ts
 * <candidate>`. Takes slices from standard input, a line of JSON each, and
 * prints what each call took; ends with its input.
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
