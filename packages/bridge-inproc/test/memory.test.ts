// The long run is `npm run test:memory -w packages/bridge-inproc`.
import test from 'ava';

import { run } from './children.js';

const calls = Number(process.env['MEMORY_CALLS'] ?? 100_000);

test(`memory stays flat over ${String(calls)} calls`, async (t) => {
  const { stdout, stderr, code } = await run('memory', String(calls));
  t.is(code, 0, stderr);
  const [early, late] = JSON.parse(stdout) as [number, number];
  const found = `${early.toFixed()} MiB after a fifth, ${late.toFixed()} MiB after all`;
  t.log(found);
  // One KiB lost in each call would be 80 MiB at least.
  t.true(late - early < 40, found);
});
