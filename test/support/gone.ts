import { setTimeout } from 'node:timers/promises';

import { processes } from './process.js';

/**
 * Resolves when none of these processes is there any more, not even as a
 * zombie of its parent.
 *
 * @throws {Error} after 5 s
 */
export async function gone(pids: readonly number[]): Promise<void> {
  const limit = Date.now() + 5000;
  for (;;) {
    const left = processes().filter((row) => pids.includes(row.pid));
    if (left.length === 0) return;
    if (Date.now() > limit) {
      throw new Error(`still there after 5 s: ${JSON.stringify(left)}`);
    }
    await setTimeout(20);
  }
}
