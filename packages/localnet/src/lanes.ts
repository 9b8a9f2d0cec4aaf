import { availableParallelism } from 'node:os';

/**
 * Runs as many tasks at a time as there are CPUs, and returns the results in
 * order.
 *
 * @throws the first failure, after the end of all running tasks
 */
export async function inLanes<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  const lanes = Math.min(availableParallelism(), items.length);
  const done = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const each of done) {
    if (each.status === 'rejected') throw each.reason as Error;
  }
  return results;
}
