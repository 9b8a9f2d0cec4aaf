import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** This program's package. */
const own = fileURLToPath(new URL('..', import.meta.url));

/**
 * The directory with the kernel's `node_modules` that this program belongs to:
 * the checkout or the installation, or the package that has its own (`make
 * agvm-package`).
 */
export const root = existsSync(path.join(own, 'node_modules/@agoric'))
  ? own
  : fileURLToPath(new URL('../../..', import.meta.url));
