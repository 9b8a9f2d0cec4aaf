import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { Scenario } from './scenario.js';

/** One entry that the kernel wrote to chain storage; without a value: deleted. */
export type StorageWrite = readonly [path: string, value?: string];

const kernelProcess = fileURLToPath(
  new URL('kernel-process.mjs', import.meta.url),
);

/**
 * Runs a scenario in Agoric's own kernel with Agoric's own test kit
 * (`@agoric/cosmic-swingset/tools/test-kit.js`), the bank mirror as its vat,
 * and no bridge of ours. Takes about 20 s, nearly all of it for bundling.
 *
 * @returns every entry that the kernel wrote, in order, apart from the
 *   bookkeeping of its action queues
 */
export async function runOracle(scenario: Scenario): Promise<StorageWrite[]> {
  // Runs in its own process, because the kernel locks down the whole JavaScript
  // realm.
  const child = spawn(process.execPath, [kernelProcess], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [, , , result] = child.stdio;
  if (!result || !('read' in result)) {
    throw new Error('no pipe for the result');
  }
  const outputs = Promise.all([
    text(child.stdout),
    text(child.stderr),
    text(result),
  ]);
  child.stdin.end(JSON.stringify(scenario));
  const [code] = (await once(child, 'close')) as [number | null];
  const [stdout, stderr, writes] = await outputs;
  if (code !== 0) {
    throw new Error(`the oracle's kernel failed:\n${stdout}${stderr}`);
  }
  return JSON.parse(writes) as StorageWrite[];
}
