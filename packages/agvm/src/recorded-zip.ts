/**
 * Takes the place of `src/zip-base64.js` of `@endo/bundle-source` in
 * ./make-bundles.ts: bundles, and records what the bundler read.
 */
import { realName } from './escaped-paths.js';
import type { BundleZip } from './kept-bundles.js';
import { realModule } from './module-hooks.js';
import { record } from './recording.js';

/** `bundleZipBase64` of `@endo/bundle-source`. */
export const bundleZipBase64: BundleZip = async (name, options) => {
  const { bundleZipBase64: bundle } = await realModule<{
    bundleZipBase64: BundleZip;
  }>(import.meta.url);
  const file = realName(name);
  return record(file, async (powers) => bundle(file, options, powers));
};
