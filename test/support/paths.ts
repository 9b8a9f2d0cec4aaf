import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

/** agd as `make build` made it. */
export const agd = join(root, 'build', 'agd');

/** agd's library, which agd itself loads, too. */
export const library = join(root, 'build', 'libagd.so');

/** The same agd, built with the upgrade "next". */
export const upgradedAgd = join(root, 'build', 'test', 'upgraded', 'agd');

/** agvm beside agd. */
export const agvm = join(root, 'build', 'agvm');

/** @throws Error with one line when the chain is not built */
export function requireBuild(): void {
  for (const file of [agd, agvm, library]) {
    if (!existsSync(file))
      throw new Error(`${file} is absent: run \`make build\``);
  }
}
