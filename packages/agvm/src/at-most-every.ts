/**
 * Returns a function that calls `f`, unless the last call of it ended less than
 * `interval` ago.
 *
 * @param now a clock in the unit of `interval`
 */
export function atMostEvery(
  interval: number,
  f: () => void,
  now: () => number,
): () => void {
  let next = -Infinity;
  return () => {
    if (now() < next) return;
    f();
    next = now() + interval;
  };
}
