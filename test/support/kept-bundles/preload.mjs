/**
 * Preloaded into the VM by tests (../kept-bundles.ts): the kernel bundles its
 * own sources at each start, 12 seconds of CPU for what never changes.
 */
import { register } from 'node:module';

register('./resolve.mjs', import.meta.url);
