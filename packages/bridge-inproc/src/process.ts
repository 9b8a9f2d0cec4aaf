/**
 * What a process may do to itself. An entry of its own, so that a program that
 * needs no more starts the sooner.
 */
import { loadAddon } from './addon.js';

/**
 * Replaces this process's program (execve), keeping its process id. The new
 * program gets the standard streams and the environment given here, and fresh
 * signal dispositions; Node marks all other descriptors that it inherited or
 * opened as close-on-exec. Nothing of Node runs any more, `exit` listeners
 * included. `args` are without the program's own name.
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
 * From now on this process is killed (SIGKILL, by the system) when its parent
 * ends, however busy it is. To the system the parent is the thread that started
 * this process.
 *
 * @param parent the parent that this process had when it started, `process.ppid`
 * @returns false if that one has ended already: then nothing will be sent
 */
export function dieWithParent(parent: number): boolean {
  return loadAddon().dieWithParent(parent);
}
