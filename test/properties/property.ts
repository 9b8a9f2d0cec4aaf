import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';

/** Runs of each property. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 1000);

/** Where the generators start; a failure names both. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);
const path = process.env['FUZZ_PATH'];

// At once, and not in a test's log, which only a test that ended shows.
console.log(`FUZZ_SEED=${String(seed)} FUZZ_RUNS=${String(runs)}`);

/** A long run shows signs of life; without them ava ends it after five minutes. */
const HEARTBEAT_MS = 60_000;
const SILENCE_MS = 5 * HEARTBEAT_MS;

/** Checks a property on generated values; reports the smallest that breaks it, and how to see it again. */
export async function holds<T>(
  t: ExecutionContext,
  values: fc.Arbitrary<T>,
  predicate: (value: T) => Promise<void>,
): Promise<void> {
  let tried = 0;
  const heartbeat = setInterval(() => {
    t.timeout(SILENCE_MS);
    console.log(`${t.title}: ${String(tried)} inputs`);
  }, HEARTBEAT_MS);
  const property = fc.asyncProperty(values, async (value) => {
    tried += 1;
    await predicate(value);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(path === undefined ? {} : { path }),
  });
  clearInterval(heartbeat);
  t.log(`${String(tried)} inputs`);
  t.false(details.failed, report(t, details));
}

function report<T>(t: ExecutionContext, details: fc.RunDetails<T>): string {
  if (!details.failed) return '';
  const { errorInstance, numShrinks, counterexamplePath } = details;
  const file = test.meta.file.replace(/.*(?=test\/properties)/, '');
  const again = `FUZZ_SEED=${String(seed)} FUZZ_PATH=${String(counterexamplePath)}`;
  const error =
    errorInstance instanceof Error
      ? errorInstance.message
      : String(errorInstance);
  return `${error}\n\nafter ${String(numShrinks)} shrinks; again:\n${again} npx ava ${file} --match '${t.title}'`;
}
