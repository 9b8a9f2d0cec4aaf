/** The parts of the kernel's untyped store that we use. */
declare module '@agoric/swing-store' {
  import type { KVStore } from '@agd-bridge/kernel-store';

  interface Options {
    /** What changed of the export data: a key with its value, or with null. */
    readonly exportCallback?: (
      entries: Iterable<[key: string, value: string | null]>,
    ) => void;
  }

  export function openSwingStore(
    directory: string,
    options?: Options,
  ): {
    readonly kernelStorage: {
      readonly kvStore: KVStore;
      readonly startCrank: () => void;
      readonly endCrank: () => void;
    };
    readonly hostStorage: { readonly commit: () => Promise<void> };
  };
}
