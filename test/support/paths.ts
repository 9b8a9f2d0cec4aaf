import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

/** agd as `make build` made it. */
export const agd = join(root, 'build', 'agd');

/** The same agd, built with the upgrade "next". */
export const upgradedAgd = join(root, 'build', 'test', 'upgraded', 'agd');

/**
 * agd of the release before IBC, as `make test-long` builds it, because the
 * build is too large for every test run.
 */
export const formerAgd = join(root, 'build', 'test', 'former', 'agd');

/** agvm beside agd. */
export const agvm = join(root, 'build', 'agvm');

/** @throws Error with one line when the chain is not built */
export function requireBuild(): void {
  for (const file of [agd, agvm, join(root, 'build', 'libagd.so')]) {
    if (!existsSync(file))
      throw new Error(`${file} is absent: run \`make build\``);
  }
}
