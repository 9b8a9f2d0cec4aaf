import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import { Process, descendants } from '../support/process.js';

const run = promisify(execFile);

/** The Debian release of the clean machine; RELEASE_SUITE chooses another. */
const suite = process.env['RELEASE_SUITE'] ?? 'bookworm';

export interface As {
  /** A user of the machine; root by default. */
  readonly user?: string;
}

/**
 * A root file system whose programs run with their own processes and network,
 * as on a machine of its own. It needs root's privileges.
 */
export class Machine {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /**
   * Makes one with nothing but Debian's essential packages and apt.
   *
   * @throws Error it is not root, or mmdebstrap is not installed
   */
  static async bare(): Promise<Machine> {
    const root = await mkdtemp(join(tmpdir(), 'agd-machine-'));
    try {
      await run('mmdebstrap', ['--quiet', '--variant=apt', suite, root]);
      await copyFile('/etc/resolv.conf', join(root, 'etc', 'resolv.conf'));
    } catch (error) {
      await rm(root, { recursive: true, force: true });
      throw error;
    }
    const machine = new Machine(root);
    await machine.nameLocalhost();
    return machine;
  }

  /** As Debian's installer does, and each container runtime. */
  async nameLocalhost(): Promise<void> {
    await writeFile(join(this.root, 'etc', 'hosts'), '127.0.0.1 localhost\n');
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  /**
   * Runs a program on this machine, with the network of the real one.
   *
   * @returns its output
   */
  async run(command: readonly string[], as: As = {}): Promise<string> {
    const [file, ...args] = this.#command(command, as);
    const { stdout, stderr } = await run(file, args, {
      env: environment,
      maxBuffer: 1 << 26,
    });
    return stdout + stderr;
  }

  /** Starts a program on this machine, with a network of its own. */
  start(command: readonly string[], as: As = {}): Program {
    const isolated = ['ip link set lo up && exec "$0" "$@"'];
    return new Program(
      'unshare',
      ['--net', 'sh', '-c', ...isolated, ...this.#command(command, as)],
      environment,
    );
  }

  #command(
    command: readonly string[],
    { user = 'root' }: As,
  ): [string, ...string[]] {
    return [
      'unshare',
      ...['--mount', '--pid', '--fork', '--kill-child'],
      ...[`--root=${this.root}`, '--mount-proc', '--wd=/'],
      'setpriv',
      ...[`--reuid=${user}`, `--regid=${user}`, '--init-groups'],
      ...['env', `HOME=${user === 'root' ? '/root' : '/var/lib/agd'}`],
      ...command,
    ];
  }
}

/** Nothing of this machine but what reaches a mirror. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^https?_proxy$/.test(name)),
  ),
};

/** A program that runs on a {@link Machine}. */
export class Program extends Process {
  /** Stops the program itself; {@link Process.pid} is that of `unshare`. */
  stop(signal: NodeJS.Signals): void {
    const [program] = descendants(this.pid);
    if (program) process.kill(program.pid, signal);
  }
}
