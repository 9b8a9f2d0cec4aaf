import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { hostPrebuilds, packAll } from '../../tools/packages/pack.js';
import { root } from '../support/paths.js';

const run = promisify(execFile);

/** A stranger's project: an empty directory outside the checkout. */
export interface Project {
  readonly directory: string;
  /** The packages' tarballs. */
  readonly tarballs: readonly string[];
  /** Runs a command in the project; resolves with its output. */
  run(file: string, ...args: string[]): Promise<string>;
  /** Copies a part of the checkout to a path in the project. */
  copy(from: string, to: string): Promise<void>;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** What a stranger adds to the packages: the compilers of the type check. */
const others = {
  typebox: '^1.4.3',
  'typescript-5.9': 'npm:typescript@~5.9.3',
  'typescript-7': 'npm:typescript@~7.0.2',
};

export interface ProjectOptions {
  /** The packages' tarballs; default: made now, with this machine's addons. */
  readonly tarballs?: readonly string[];
  /** More arguments of `npm install`. */
  readonly install?: readonly string[];
  /** Other packages; default: {@link others}. */
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Packs the packages and installs them, with their dependencies, in an empty
 * project.
 */
export async function makeProject(
  options: ProjectOptions = {},
): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), 'agd-packages-'));
  const env = { ...process.env };
  // Set by `npx ava`: without them npm does not know the checkout.
  for (const name of Object.keys(env)) {
    if (
      /^npm_(config_(local_prefix|prefix)|package|lifecycle|command)/.test(name)
    ) {
      Reflect.deleteProperty(env, name);
    }
  }
  env['GOFLAGS'] = '-trimpath -buildmode=pie';
  env['GOWORK'] = 'off';
  env['npm_config_jobs'] = 'max'; // of node-gyp
  const tarballs =
    options.tarballs ??
    (await packAll(join(directory, 'tarballs'), hostPrebuilds()));
  const project: Project = {
    directory,
    tarballs,
    run: async (file, ...args) => {
      const { stdout } = await run(file, args, { cwd: directory, env });
      return stdout;
    },
    copy: (from, to) =>
      cp(join(root, from), join(directory, to), {
        recursive: true,
        filter: (path) => !/\/(node_modules|build|dist|test)$/.test(path),
      }),
    write: async (file, text) => {
      await mkdir(join(directory, file, '..'), { recursive: true });
      await writeFile(join(directory, file), text);
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
  const { dependencies = others } = options;
  const manifest = { private: true, type: 'module', dependencies };
  await project.write('package.json', JSON.stringify(manifest));
  const install = [
    ...['install', '--no-audit', '--no-fund', '--prefer-offline'],
    ...(options.install ?? []),
  ];
  const quietly = ['--loglevel=error', '--fetch-timeout=20000'];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run('npm', [...install, ...quietly, ...tarballs], {
        cwd: directory,
        env,
        // A lost connection to the registry would take npm minutes.
        timeout: 75_000,
        killSignal: 'SIGKILL',
      });
      return project;
    } catch (error) {
      const { killed } = error as { killed?: boolean };
      if (killed !== true || attempt === 3) throw error;
    }
  }
}
