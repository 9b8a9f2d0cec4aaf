import { fileURLToPath } from 'node:url';
import path from 'node:path';

import type { Agcc } from './agcc.js';

export interface KernelOptions {
  /** The kernel's arguments. It reads `--home`: its state is in `data/agoric` there. */
  readonly args: readonly string[];
  /** The kernel reads it, and writes SLOGFILE to it. */
  readonly env: NodeJS.ProcessEnv;
  /** Parent of the default home, if `args` name none. */
  readonly homedir: string;
  readonly agcc: Agcc;
}

/**
 * Imports Agoric's kernel, unmodified, and connects it to `agcc`. The import
 * locks down the JavaScript realm (SES): whatever is to be patched must be
 * patched before. Resolves once the kernel takes actions; the first must be INIT.
 *
 * @throws {KernelMissing} a package of the kernel cannot be found
 */
export async function startKernel({
  args,
  env,
  homedir,
  agcc,
}: KernelOptions): Promise<void> {
  const main = await importKernel();
  await main('agvm', [...args], { env, homedir, path, agcc });
}

/** The kernel, or a package that it needs, is not installed. */
export class KernelMissing extends Error {
  override readonly name = 'KernelMissing';
}

async function importKernel() {
  try {
    // In this order: shims, lockdown, logging, kernel (as cosmic-swingset's src/entrypoint.js does).
    await import('@endo/init/pre.js');
    await import('@endo/init/unsafe-fast.js');
    await import('@agoric/cosmic-swingset/src/anylogger-agoric.js');
    const chainMain = await import('@agoric/cosmic-swingset/src/chain-main.js');
    return chainMain.default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') {
      const root = fileURLToPath(new URL('../../..', import.meta.url));
      throw new KernelMissing(
        `the kernel is not installed: ${(error as Error).message}; run \`npm install\` in ${root}`,
      );
    }
    throw error;
  }
}
