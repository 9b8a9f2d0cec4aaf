import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { freePorts } from '@agd-bridge/chain-kit';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  logEntry,
  modes,
  nodePorts,
  startArgs,
  type Ports,
} from '../support/node.js';
import { oddName } from '../support/odd-tree.js';
import { root } from '../support/paths.js';
import { Process, descendants, isWorker, workers } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

const run = promisify(execFile);

let dir = '';
/** The directories of both installations, which the tests below use. */
let prefix = '';
const lib = (): string => join(prefix, 'lib', 'agd-bridge');

/** Runs `make install`; everything is built already. */
async function install(): Promise<string> {
  const { stdout } = await run(join(root, 'tools', 'install.sh'), [prefix]);
  return stdout;
}

/** A PATH whose `node` is a script, as with version managers. */
async function shimPath(dir: string): Promise<string> {
  const shims = join(dir, 'shims');
  await mkdir(shims);
  const script = `#!/bin/sh\nexec "${process.execPath}" "$@"\n`;
  await writeFile(join(shims, 'node'), script, { mode: 0o755 });
  return `${shims}:${process.env['PATH'] ?? ''}`;
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

test('make keeps the upgrades that a build names, but not for a release', async (t) => {
  await withTempDir(async (dir) => {
    const kept = join(dir, 'upgrades');
    await writeFile(kept, 'kept\n');
    for (const [names, ...args] of [
      ['kept', 'build'],
      ['a b', 'build', 'UPGRADES=a b'],
      [undefined, 'build', 'UPGRADES='],
      [undefined, 'release'],
      ['a b', 'release', 'UPGRADES=a b'],
    ] as const) {
      const { stdout } = await run(
        'make',
        ['--dry-run', ...args, `UPGRADES_BUILT=${kept}`],
        { cwd: root, maxBuffer: 64 * 1024 * 1024 },
      );
      const [, found] = /app\.upgradeNames=([^']*)'/.exec(stdout) ?? [];
      t.is(found, names, args.join(' '));
    }
  });
});

test.serial(
  'an installation replaces an older one completely, and does not change the repository',
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
    const names = await readdir(lib(), { recursive: true });
    t.deepEqual(
      names.filter((name) => /\.(map|o|d\.ts)$/.test(name)),
      [],
      'only compilers and debuggers use these',
    );
    for (const name of names) await stat(join(lib(), name)); // no link dangles
    const vats = await readdir(join(lib(), 'packages', 'vats'));
    for (const config of ['bank-config.json', 'core-config.json']) {
      t.true(vats.includes(config), config);
    }
  },
);

for (const mode of modes) {
  for (const name of ['agd', 'agvm']) {
    test.serial(
      `${mode}: the installed ${name} runs the chain, through another link, from another directory, where node is a script`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          // cosmovisor's layout: …/current/bin/agd, where current is a link.
          const bin = join(dir, 'genesis', 'bin');
          await mkdir(bin, { recursive: true });
          await symlink(join(prefix, 'bin', name), join(bin, name));
          await symlink(join(dir, 'genesis'), join(dir, 'current'));
          const args = startArgs({ home, mode, ports: await nodePorts() });
          const command = [join(dir, 'current', 'bin', name), ...args];
          // A shell sets the working directory and becomes the command.
          const node = new Process(
            'sh',
            ['-c', 'cd / && exec "$0" "$@"', ...command],
            { ...process.env, PATH: await shimPath(dir) },
          );
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

interface DevnetPorts extends Ports {
  readonly metrics: number;
}

/** Runs `agd devnet` of the installation until its first block. */
async function devnet(
  home: string,
  ports: DevnetPorts,
  ...args: string[]
): Promise<Process> {
  const node = new Process(
    join(prefix, 'bin', 'agd'),
    ['devnet', '--home', home, ...args],
    devnetEnv(ports),
  );
  await node.line((line) =>
    line.includes('first block of this run committed') ? true : undefined,
  );
  return node;
}

function devnetEnv(ports: DevnetPorts): NodeJS.ProcessEnv {
  const { rpc, p2p, grpc, metrics } = ports;
  const at = (port: number): string => `127.0.0.1:${String(port)}`;
  return {
    ...process.env,
    AGD_RPC_LADDR: `tcp://${at(rpc)}`,
    AGD_P2P_LADDR: `tcp://${at(p2p)}`,
    AGD_GRPC_ADDRESS: at(grpc),
    AGD_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR: at(metrics),
    AGD_NODE: `tcp://${at(rpc)}`,
  };
}

test.serial(
  'the installed agd devnet makes a chain, goes on with it in the other mode, funds an account, and removes it',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = join(dir, 'my net');
      const [metrics = 0] = await freePorts(1);
      const ports = { ...(await nodePorts()), metrics };
      const command = async (...args: string[]): Promise<Process> => {
        const file = join(prefix, 'bin', 'agd');
        const flags = [...args, '--home', home];
        const run = new Process(file, flags, devnetEnv(ports));
        await run.exited;
        return run;
      };
      const split = await devnet(home, ports, '--split');
      try {
        // After the first block, and quoted.
        await split.line(
          (line) =>
            /devnet fund bob --home '.*my net'$/.test(line) || undefined,
        );
        t.true(workers(split.pid).length > 0, 'agd itself, with a VM');
        const status = await readFile(
          `/proc/${String(split.pid)}/status`,
          'utf8',
        );
        const [, blocked = ''] = /^SigBlk:\s+(\w+)$/m.exec(status) ?? [];
        // SIGHUP, SIGINT and SIGTERM, as a mask.
        t.is(BigInt(`0x${blocked}`) & 0x4003n, 0n, 'no stop signal is blocked');
        const funded = await command('devnet', 'fund', 'bob', '7uist');
        t.regex(
          funded.stdout.join(),
          /^sent 7uist to bob in block \d+$/,
          funded.stderr.join(),
        );
        const top = await command('top', '--once');
        t.regex(top.stdout.join('\n'), /^mode split [^]*^EndBlock +\d/m);
        const unknown = await command('devnet', 'fund', 'nobody');
        t.regex(
          unknown.stderr.join(),
          /^agd: "nobody" is neither an account's address nor the name of a key: /,
        );
        const busy = await command('devnet', 'reset', '--yes');
        t.regex(busy.stderr.join(), /^agd: another agd runs on /);
        split.signal('SIGINT');
        t.deepEqual(await split.exited, { code: 98, signal: null });
      } finally {
        await split.kill();
      }

      const inproc = await devnet(home, ports, '--split=false');
      try {
        t.notRegex(inproc.stdout.join('\n'), /making a chain/);
        const keys = await command('keys', 'show', 'bob', '-a');
        const [bob = ''] = keys.stdout;
        const balances = await command('query', 'bank', 'balances', bob);
        t.regex(balances.stdout.join(' '), /amount: "7"\s+denom: uist/);
        inproc.signal('SIGINT');
        t.deepEqual(await inproc.exited, { code: 98, signal: null });
      } finally {
        await inproc.kill();
      }

      const asked = await command('devnet', 'reset');
      t.regex(asked.stderr.join(), /no terminal to ask at: add --yes$/);
      await command('devnet', 'reset', '--yes');
      t.deepEqual(await readdir(dir), []);
    });
  },
);

test.serial(
  'agd devnet that is stopped while it makes the chain leaves nothing',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = join(dir, 'net');
      const agd = join(prefix, 'bin', 'agd');
      const made = watch(dir);
      const changed = once(made, 'change');
      const node = new Process(agd, ['devnet', '--home', home]);
      try {
        await node.line((line) => (line.includes('making') ? true : undefined));
        await changed;
        made.close();
        node.signal('SIGTERM');
        t.deepEqual(await node.exited, { code: 98, signal: null });
        t.deepEqual(await readdir(dir), []);
        t.deepEqual(node.stderr, []);
      } finally {
        await node.kill();
      }
    });
  },
);

for (const command of ['ab', 'localnet', 'devnet']) {
  test.serial(
    `the program of the installed agd ${command} finds all that it imports`,
    async (t) => {
      const program = new Process(join(lib(), `agd-${command}`), []);
      t.deepEqual(await program.exited, { code: 1, signal: null });
      const expected = `agd: agd-${command} cannot run alone: its flags are missing: run "agd ${command}"`;
      t.deepEqual(program.stderr, [expected]);
    },
  );
}

const parts: readonly (readonly [string, string, RegExp])[] = [
  [
    'the kernel',
    'node_modules/@agoric/cosmic-swingset',
    /agvm: the kernel is not installed: .*cosmic-swingset.*: run "npm install" in .*agd-bridge/,
  ],
  [
    "the kernel's workers, not compiled,",
    'node_modules/@agoric/xsnap/xsnap-native',
    /agvm: the kernel is not installed: .*xsnap\/ is not compiled: run "npm rebuild" in .*agd-bridge/,
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

for (const mode of modes) {
  test.serial(
    `${mode}: the kernel may be built for another Node.js: one line says so`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const args = startArgs({ home, mode, ports: await nodePorts() });
        const built = join(lib(), 'node_modules/better-sqlite3/build/Release');
        const addon = join(built, 'better_sqlite3.node');
        const source = join(import.meta.dirname, 'fixture-addon.c');
        await mkdir(built, { recursive: true });
        try {
          await run('cc', ['-shared', '-fPIC', '-o', addon, source]);
          await expectRefusal(
            t,
            args,
            /agvm: the kernel is not installed: \/.+better_sqlite3\.node is built for another Node\.js \(NODE_MODULE_VERSION 1\) than this v\d+\.\S+ \(\d+\): run "npm rebuild" in .*agd-bridge/,
            { file: join(prefix, 'bin', 'agd') },
          );
        } finally {
          await rm(dirname(built), { recursive: true });
        }
      });
    },
  );
}
