import { execFile } from 'node:child_process';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { logEntry, modes, nodePorts, startArgs } from '../support/node.js';
import { oddName } from '../support/odd-tree.js';
import { root } from '../support/paths.js';
import { Process, descendants, isWorker } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

const run = promisify(execFile);

let dir = '';
/** What both installations go to; the tests below use what they made. */
let prefix = '';
const lib = (): string => join(prefix, 'lib', 'agd-bridge');

/** `make install`, which has nothing to build. */
async function install(): Promise<string> {
  const { stdout } = await run(join(root, 'tools', 'install.sh'), [prefix]);
  return stdout;
}

/** Every file below the repository's packages, with its size and time. */
async function sources(): Promise<string[]> {
  const rows: string[] = [];
  const walk = async (dir: string): Promise<void> => {
    for (const entry of await readdir(dir, { withFileTypes: true })) {
      if (entry.name === '.cache') continue; // ava's own
      const path = join(dir, entry.name);
      const { size, mtimeMs } = await lstat(path);
      rows.push(`${path} ${String(size)} ${String(mtimeMs)}`);
      if (entry.isDirectory()) await walk(path);
    }
  };
  await walk(join(root, 'node_modules'));
  return rows;
}

test.before(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'agd-prefix-')));
  prefix = join(dir, oddName);
});

test.after.always(async () => {
  await rm(dir, { recursive: true, force: true });
});

test.serial('make install PREFIX=… runs the installer', async (t) => {
  const { stdout } = await run(
    'make',
    ['--dry-run', 'install', `PREFIX=${prefix}`],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  t.true(stdout.split('\n').includes(`tools/install.sh "${prefix}"`), stdout);
});

test.serial(
  'an installation replaces an older one whole, and leaves the repository as it was',
  async (t) => {
    const before = await sources();
    t.regex(await install(), /^installed: /);
    t.deepEqual(await sources(), before);

    await writeFile(join(lib(), 'stale'), '');
    await install();
    t.deepEqual(await readdir(join(prefix, 'lib')), ['agd-bridge']);
    t.deepEqual((await readdir(join(prefix, 'bin'))).sort(), ['agd', 'agvm']);
    const files = await readdir(lib());
    t.false(files.includes('stale'));
    t.true(files.includes('libagd.so'));
    t.true(files.includes('libagd-signals.so'));
    const packages = await readdir(join(lib(), 'node_modules'));
    t.false(packages.includes('typescript'), 'no tools of development');
  },
);

for (const mode of modes) {
  for (const name of ['agd', 'agvm']) {
    test.serial(
      `${mode}: the installed ${name} runs the chain, through another link, from another directory`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          // As cosmovisor has it: …/current/bin/agd, where current is a link.
          const bin = join(dir, 'genesis', 'bin');
          await mkdir(bin, { recursive: true });
          await symlink(join(prefix, 'bin', name), join(bin, name));
          await symlink(join(dir, 'genesis'), join(dir, 'current'));
          const args = startArgs({ home, mode, ports: await nodePorts() });
          // A shell, for the working directory; it becomes the command.
          const node = new Process('sh', [
            '-c',
            'cd / && exec "$0" "$@"',
            join(dir, 'current', 'bin', name),
            ...args,
          ]);
          try {
            const entry = await node.line((line) => {
              const found = logEntry(line);
              return found?.['message'] === 'first block of this run committed'
                ? found
                : undefined;
            });
            t.is(entry['mode'], mode);
            t.is(entry['agd_pid'], node.pid);
            const said = [...node.stdout, ...node.stderr].join('\n');
            t.notRegex(said, /cannot use the kept bundles/);
            const worker = descendants(node.pid).find((row) =>
              isWorker(row.command),
            );
            t.true(worker?.command.startsWith(lib()), worker?.command);
            node.signal('SIGTERM');
            t.deepEqual(await node.exited, { code: 98, signal: null });
          } finally {
            await node.kill();
          }
        });
      },
    );
  }
}

for (const command of ['ab', 'localnet']) {
  test.serial(
    `the program of the installed agd ${command} finds all that it imports`,
    async (t) => {
      const program = new Process(join(lib(), `agd-${command}`), []);
      t.deepEqual(await program.exited, { code: 1, signal: null });
      const expected = `agd: run \`agd ${command}\`, which starts this`;
      t.deepEqual(program.stderr, [expected]);
    },
  );
}

const parts: readonly (readonly [string, string, RegExp])[] = [
  [
    'the kernel',
    'node_modules/@agoric/cosmic-swingset',
    /agvm: the kernel is not installed: .*cosmic-swingset.*; run `npm install` in .*agd-bridge/,
  ],
  [
    "the kernel's workers, not compiled,",
    'node_modules/@agoric/xsnap/xsnap-native',
    /agvm: the kernel is not installed: .*xsnap\/ is not compiled; run `npm rebuild` in .*agd-bridge/,
  ],
];

for (const [title, part, expected] of parts) {
  for (const mode of modes) {
    test.serial(
      `${mode}: ${title} may be missing: one line says so`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          const args = startArgs({ home, mode, ports: await nodePorts() });
          await rename(join(lib(), part), join(lib(), 'aside'));
          try {
            await expectRefusal(t, args, expected, {
              file: join(prefix, 'bin', 'agd'),
            });
          } finally {
            await rename(join(lib(), 'aside'), join(lib(), part));
          }
        });
      },
    );
  }
}
