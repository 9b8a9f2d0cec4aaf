import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

/** agd as `make build` made it, or another build of it (AGD_TEST_BINARY). */
export const agd = resolve(
  root,
  process.env['AGD_TEST_BINARY'] ?? join('build', 'agd'),
);

/** The same agd, built with the upgrade "next". */
export const upgradedAgd = join(root, 'build', 'test', 'upgraded', 'agd');

/** agvm beside agd. */
export const agvm = join(dirname(agd), 'agvm');

/** @throws Error with one line when the chain is not built */
export function requireBuild(): void {
  for (const file of [agd, agvm, join(root, 'build', 'libagd.so')]) {
    if (!existsSync(file))
      throw new Error(`${file} is absent: run \`make build\``);
  }
}
