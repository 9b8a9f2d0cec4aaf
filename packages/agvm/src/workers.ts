import childProcess, {
  type ForkOptions,
  type SpawnOptions,
} from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

import { JAIL } from './jail.js';

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
 *
 * Our inspector is ours alone: the exporter would want its address as well.
 *
 * @param relay takes what workers print, instead of the outputs that they would
 *   inherit: a worker that prints where the reader has gone would be ended by SIGPIPE
 */
export function isolateWorkers(
  { platform, execPath, execArgv, env }: Host,
  relay?: Relay,
): void {
  const { spawn, fork } = childProcess;
  const wrapper = wrappers(platform, env[JAIL]);

  const isolatedSpawn = (
    command: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ) => {
    if (basename(command) !== WORKER) {
      return spawn(command, args, options);
    }
    const [file = command, ...rest] = [...wrapper.worker, command, ...args];
    const own = { ...options, detached: true };
    if (!relay || !Array.isArray(own.stdio)) return spawn(file, rest, own);
    own.stdio = own.stdio.map((stream, number) =>
      stream === 'inherit' && (number === 1 || number === 2) ? 'pipe' : stream,
    );
    const worker = spawn(file, rest, own);
    worker.stdout?.on('data', (chunk: Buffer) => relay.stdout.write(chunk));
    worker.stderr?.on('data', (chunk: Buffer) => relay.stderr.write(chunk));
    return worker;
  };

  const isolatedFork = (
    modulePath: string | URL,
    args: readonly string[] = [],
    options: ForkOptions = {},
  ) => {
    const node = [
      options.execPath ?? execPath,
      ...(options.execArgv ?? execArgv).filter((arg) => !INSPECT.test(arg)),
    ];
    const [file = execPath, ...rest] = [...wrapper.exporter, ...node];
    return fork(modulePath, args, {
      ...options,
      env: withoutInspector(options.env ?? env),
      detached: true,
      execPath: file,
      execArgv: rest,
    });
  };

  Object.assign(childProcess, { spawn: isolatedSpawn, fork: isolatedFork });
  syncBuiltinESMExports();
}

/** What of `process` this needs. */
export type Host = Pick<
  NodeJS.Process,
  'platform' | 'execPath' | 'execArgv' | 'env'
>;

/** Our own outputs, whose errors somebody takes. */
export type Relay = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

/** Node's options that start its inspector. */
const INSPECT = /^--inspect(-brk|-wait)?(=|$)/;

/** An environment whose NODE_OPTIONS start no inspector. */
function withoutInspector(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const options = env['NODE_OPTIONS'];
  if (options === undefined) return env;
  const words = options.split(' ').filter((word) => !INSPECT.test(word));
  return { ...env, NODE_OPTIONS: words.join(' ') };
}

/** The file name of xsnap's worker. */
const WORKER = 'xsnap-worker';

interface Wrappers {
  readonly worker: readonly string[];
  readonly exporter: readonly string[];
}

/** The commands that give a child its parent-death signal and then become it; in a jail they also take from a worker what it does not need. */
function wrappers(platform: string, jail: string | undefined): Wrappers {
  if (jail !== undefined) {
    return { worker: [jail, 'worker', '--'], exporter: [jail, 'child', '--'] };
  }
  const wrapper = platform === 'linux' ? deathSignalWrapper() : [];
  return { worker: wrapper, exporter: wrapper };
}

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
