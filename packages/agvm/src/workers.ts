import childProcess, {
  type ForkOptions,
  type SpawnOptions,
} from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

/**
 * The kernel's child processes: xsnap workers, and the exporter that it forks
 * for a state snapshot. The kernel takes `spawn` and `fork` from
 * `node:child_process` itself, so they are replaced there, for the whole
 * process: call this once, before the kernel is imported.
 *
 * Each child gets a process group of its own: a Ctrl-C in the terminal reaches
 * only us, and the running action can end.
 *
 * They still end with us, however we end: a worker exits on end-of-file of its
 * pipe when it next reads; one that is computing, and the exporter, get a
 * parent-death signal where `setpriv` of util-linux is installed (Linux).
 */
export function isolateWorkers({ platform, execPath, execArgv }: Host): void {
  const { spawn, fork } = childProcess;
  const wrapper = platform === 'linux' ? deathSignalWrapper() : [];

  const isolatedSpawn = (
    command: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ) => {
    if (basename(command) !== WORKER) {
      return spawn(command, args, options);
    }
    const [file = command, ...rest] = [...wrapper, command, ...args];
    return spawn(file, rest, { ...options, detached: true });
  };

  const isolatedFork = (
    modulePath: string | URL,
    args: readonly string[] = [],
    options: ForkOptions = {},
  ) => {
    const node = [
      options.execPath ?? execPath,
      ...(options.execArgv ?? execArgv),
    ];
    const [file = execPath, ...rest] = [...wrapper, ...node];
    return fork(modulePath, args, {
      ...options,
      detached: true,
      execPath: file,
      execArgv: rest,
    });
  };

  Object.assign(childProcess, { spawn: isolatedSpawn, fork: isolatedFork });
  syncBuiltinESMExports();
}

/** What of `process` this needs. */
export type Host = Pick<NodeJS.Process, 'platform' | 'execPath' | 'execArgv'>;

/** The file name of xsnap's worker. */
const WORKER = 'xsnap-worker';

/** Of util-linux. */
const SETPRIV = 'setpriv';

/** The command that gives its process a parent-death signal and then becomes another program; empty if there is none. */
function deathSignalWrapper(): readonly string[] {
  const args = ['--pdeathsig', 'KILL', '--'];
  const probe = childProcess.spawnSync(SETPRIV, [...args, 'true'], {
    stdio: 'ignore',
  });
  return probe.status === 0 ? [SETPRIV, ...args] : [];
}
