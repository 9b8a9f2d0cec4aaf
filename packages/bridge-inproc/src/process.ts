/// <reference types="node" preserve="true" />

/**
 * Operations of a process on itself. A separate entry, so that a program that
 * needs nothing else starts faster.
 */
import { loadAddon } from './addon.js';

/**
 * Replaces this process's program (execve), keeping its process id. The new
 * program gets the standard streams, the environment given here, and default
 * signal dispositions; Node marks all other descriptors that it inherited or
 * opened as close-on-exec. No Node code runs afterwards, `exit` listeners
 * included. `args` exclude the program's own name.
 *
 * @throws with the system's text, which is the only way to return
 */
export function exec(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): never {
  return loadAddon().exec(path, args, env);
}

/**
 * From now on the Linux kernel sends this process SIGKILL when its parent ends,
 * however busy it is. The parent is the thread that started this process.
 *
 * @param parent this process's parent at its start, `process.ppid`
 * @returns false if that parent has already ended: then no signal will be sent
 */
export function dieWithParent(parent: number): boolean {
  return loadAddon().dieWithParent(parent);
}
