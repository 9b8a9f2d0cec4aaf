/** Prints the hashes of the bundles that the unmodified kernel makes. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import '@endo/init/pre.js';
import '@endo/init/unsafe-fast.js';

const launcher = createRequire(import.meta.url).resolve(
  '@agoric/cosmic-swingset',
);
const { buildKernelBundles } = await import(
  pathToFileURL(createRequire(launcher).resolve('@agoric/swingset-vat')).href
);
const hashes = Object.values(await buildKernelBundles()).map((bundle) =>
  createHash('sha256').update(JSON.stringify(bundle)).digest('hex'),
);
console.log(JSON.stringify(hashes));
