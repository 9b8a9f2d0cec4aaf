/**
 * Takes the place of `src/zip-base64.js` of `@endo/bundle-source`
 * (./bundler-hooks.ts): returns the kept bundle of a module, or else bundles it.
 */
import { atMostEvery } from './at-most-every.js';
import { realName } from './escaped-paths.js';
import { root } from './installation.js';
import { findKept, type BundleZip } from './kept-bundles.js';
import { realModule } from './module-hooks.js';

const said = new Set<string>();

/** Interval of lines about modules that are bundled, in ms. */
const PROGRESS = 10_000;

let bundled = 0;
const report = atMostEvery(
  PROGRESS,
  () => {
    console.log(
      bundled === 0
        ? 'agvm: bundling modules that no kept bundle has, about a second each: "make bundles" keeps those of Agoric\'s core'
        : `agvm: bundled ${String(bundled)} modules`,
    );
  },
  () => performance.now(),
);

/** `bundleZipBase64` of `@endo/bundle-source`. */
export const bundleZipBase64: BundleZip = async (name, options, powers) => {
  const file = realName(name);
  if (isDefault(options) && powers === undefined) {
    const found = findKept(file);
    if (found.kind === 'kept') return Object.freeze(found.bundle);
    if (found.kind === 'stale' && !said.has(found.why)) {
      said.add(found.why);
      console.error(
        `agvm: cannot use the kept bundles of the kernel: ${found.why}: each start makes them anew; run "npm run bundles -w packages/agvm" in ${JSON.stringify(root)}`,
      );
    }
  }
  const real = await realModule<{ bundleZipBase64: BundleZip }>(
    import.meta.url,
  );
  report();
  const bundle = await real.bundleZipBase64(file, options, powers);
  bundled += 1;
  return bundle;
};

/** Whether options mean what none means. */
function isDefault(options: Readonly<Record<string, unknown>> = {}): boolean {
  return Object.entries(options).every(
    ([name, value]) =>
      value === undefined ||
      (name === 'format' && value === 'endoZipBase64') ||
      (name === 'dev' && value === false),
  );
}
