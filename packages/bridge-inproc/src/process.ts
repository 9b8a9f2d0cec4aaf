import { loadAddon } from './addon.js';

/**
 * Makes every signal handler of this process safe beside Go: sets SA_ONSTACK
 * on those that lack it, and returns their signals' names.
 *
 * Go wants that flag, because a handler without it that runs on a goroutine's
 * small stack writes over the memory beside it. Go sees to the handlers that
 * exist when its library is loaded; call this after later ones: when the first
 * listener of a signal was added, and for SIGCHLD when the first child was
 * spawned. Listeners that stay for good (`process.on('SIGCHLD', …)`) keep
 * their handler, so that one call after them is enough.
 */
export function protectSignalStacks(): string[] {
  return loadAddon().protectSignalStacks();
}

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
