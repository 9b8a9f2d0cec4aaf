/**
 * The environment of a VM whose kernel keeps the bundles that it makes of its
 * own sources (docs/decisions/0007-tests-keep-bundles.md). `AGD_TEST_KEEP_BUNDLES=0`
 * in the environment of the tests lets each start make them, as users' do.
 * NODE_OPTIONS that are there already win.
 */
export function keptBundles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env['AGD_TEST_KEEP_BUNDLES'] === '0') return env;
  const preload = import.meta.resolve('./kept-bundles/preload.mjs');
  return { NODE_OPTIONS: `--import=${preload}`, ...env };
}
