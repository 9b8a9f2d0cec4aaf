export {
  makeCachedKernelStore,
  type CachedKernelStore,
  type CachedKernelStoreOptions,
} from './cached.js';
export { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './text.js';
export { makeKernelStore, type KVStore } from './store.js';
