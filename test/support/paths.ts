import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

/** agd as `make build` made it, or another build of it (AGD_TEST_BINARY). */
export const agd = resolve(
  root,
  process.env['AGD_TEST_BINARY'] ?? join('build', 'agd'),
);

/** agd's library, which agd itself loads, too. */
export const library = join(root, 'build', 'libagd.so');

/** The same agd, built with the upgrade "next". */
export const upgradedAgd = join(root, 'build', 'test', 'upgraded', 'agd');

/**
 * agd of the release before IBC, as `make test-long` builds it, because the
 * build is too large for every test run.
 */
export const formerAgd = join(root, 'build', 'test', 'former', 'agd');

/** agvm beside agd. */
export const agvm = join(dirname(agd), 'agvm');

/** @throws Error with one line when the chain is not built */
export function requireBuild(): void {
  for (const file of [agd, agvm, library]) {
    if (!existsSync(file))
      throw new Error(`${file} is absent: run \`make build\``);
  }
}
