import { join } from 'node:path';

import { root } from './paths.js';

/**
 * The environment of a VM whose kernel keeps the bundles that it makes of its
 * own sources (docs/decisions/0007-tests-keep-bundles.md). `AGD_TEST_KEEP_BUNDLES=0`
 * in the environment of the tests lets each start make them, as users' do.
 * AGD_VM_NODE_ARGS that are there already win.
 */
export function keptBundles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env['AGD_TEST_KEEP_BUNDLES'] === '0') return env;
  return {
    AGD_VM_NODE_ARGS: keepBundles.nodeArg,
    AGD_JAIL_READ: keepBundles.read,
    AGD_JAIL_WRITE: keepBundles.write,
    ...env,
  };
}

/** What a VM gets to keep its bundles. */
export const keepBundles = {
  nodeArg: `--import=${import.meta.resolve('./kept-bundles/preload.mjs')}`,
  read: join(import.meta.dirname, 'kept-bundles'),
  /** With a slash, so that agd makes it. */
  write: `${join(root, 'build', 'test', 'bundles')}/`,
};
