import { join } from 'node:path';

import { startArgs, type NodeOptions } from './node.js';
import { agd, root } from './paths.js';
import { Process } from './process.js';

/**
 * Starts a real agd with a test VM, a TypeScript file, in either mode. The
 * caller owns the process and kills it.
 */
export function startWithVm(vm: string, options: NodeOptions): Process {
  return runWithVm(vm, startArgs(options), options);
}

/** The same for any command line that needs the kernel. */
export function runWithVm(
  vm: string,
  args: readonly string[],
  options: Pick<NodeOptions, 'mode' | 'env'>,
): Process {
  const env = {
    ...process.env,
    ...options.env,
    // The TypeScript compiler would not run in the jail.
    AGD_JAIL: 'off',
    NODE_OPTIONS: `--import=${import.meta.resolve('tsx')}`,
  };
  return options.mode === 'split'
    ? new Process(agd, [...args, '--split-vm', vm], env)
    : new Process(process.execPath, [vm, ...args], {
        ...env,
        AGVM_LIBAGD: join(root, 'build', 'libagd.so'),
      });
}
