/**
 * Takes the place of `src/lib-nodejs/engine-gc.js` of `@agoric/internal` in the
 * kernel's launcher (./kernel.ts). The launcher forces a garbage collection
 * after each commit, for the memory figures of its slog. The next block waits
 * for it.
 *
 * The kernel's vats, whose results depend on garbage collection, import the
 * real module.
 */
import { performance } from 'node:perf_hooks';

import { atMostEvery } from './at-most-every.js';
import { realModule } from './module-hooks.js';

/** Minimum time between two collections, in milliseconds: less than a block of Agoric's chain takes. */
const INTERVAL = 5000;

const { default: collect } = await realModule<{ default: () => void }>(
  import.meta.url,
);

export default atMostEvery(INTERVAL, collect, () => performance.now());
