import type {
  ChildProcess,
  ForkOptions,
  SpawnOptions,
} from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

import { variables } from './contract.js';

/**
 * Isolates the kernel's child processes: xsnap workers, and the exporter that
 * the kernel forks for a state snapshot. The kernel takes `spawn` and `fork`
 * from `node:child_process`, so they are replaced there, for the whole process:
 * call this once, before the kernel is imported.
 *
 * Each child gets its own process group: a Ctrl-C in the terminal reaches only
 * this process, and the running action can complete.
 *
 * The children still end with this process, however it ends. A worker exits on
 * end-of-file of its pipe at its next read. A worker that is computing, and the
 * exporter, get a parent-death signal where `setpriv` of util-linux is
 * installed (Linux).
 *
 * The inspector stays with this process: the exporter would try to use the same
 * address.
 *
 * @param childProcess the module `node:child_process`, whose members are
 * replaced
 * @param relay receives the workers' output, instead of outputs that they
 * inherit: SIGPIPE would end a worker that prints after the reader has gone
 */
export function isolateWorkers(
  { platform, execPath, execArgv, env }: Host,
  childProcess: ChildProcesses,
  relay?: Relay,
): void {
  const { spawn, fork, spawnSync } = childProcess;
  const wrapper = wrappers(platform, env[variables.jail], spawnSync);

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
    if (!relay || !Array.isArray(own.stdio)) {
      return explained(spawn(file, rest, own));
    }
    own.stdio = own.stdio.map((stream, number) =>
      stream === 'inherit' && (number === 1 || number === 2) ? 'pipe' : stream,
    );
    const worker = explained(spawn(file, rest, own));
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

/**
 * Adds the likely cause to the error of a program that has disappeared. A jail
 * was made for the old files: it denies the new ones of the same names.
 */
function explained(child: ChildProcess): ChildProcess {
  return child.prependOnceListener('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'EACCES') return;
    error.message +=
      ': was the installation replaced while the node ran? Start agd again';
  });
}

/** The parts of `process` used here. */
export type Host = Pick<
  NodeJS.Process,
  'platform' | 'execPath' | 'execArgv' | 'env'
>;

/** The parts of the module `node:child_process` used here. */
export type ChildProcesses = Pick<
  typeof import('node:child_process'),
  'spawn' | 'fork' | 'spawnSync'
>;

/** This process's outputs, whose errors are handled. */
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

/**
 * The commands that set a child's parent-death signal and then become the
 * child; in a jail they also remove what a worker does not need.
 */
function wrappers(
  platform: string,
  jail: string | undefined,
  spawnSync: ChildProcesses['spawnSync'],
): Wrappers {
  if (jail !== undefined) {
    return { worker: [jail, 'worker', '--'], exporter: [jail, 'child', '--'] };
  }
  const wrapper = platform === 'linux' ? deathSignalWrapper(spawnSync) : [];
  return { worker: wrapper, exporter: wrapper };
}

/** From util-linux. */
const SETPRIV = 'setpriv';

/**
 * The command that sets its process's parent-death signal and then becomes
 * another program; empty if there is none.
 */
function deathSignalWrapper(
  spawnSync: ChildProcesses['spawnSync'],
): readonly string[] {
  const args = ['--pdeathsig', 'KILL', '--'];
  const probe = spawnSync(SETPRIV, [...args, 'true'], {
    stdio: 'ignore',
  });
  return probe.status === 0 ? [SETPRIV, ...args] : [];
}
