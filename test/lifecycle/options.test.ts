import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import test from 'ava';

import { agdBeside, bootedHome, withTempDir } from '../support/homes.js';
import { withListener } from '../support/listener.js';
import {
  AgdNode,
  logEntry,
  modes,
  nodePorts,
  runAgd,
  said,
  startArgs,
  type Mode,
} from '../support/node.js';
import { agd, agvm } from '../support/paths.js';
import { Process, processes } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

/** Where options come from, strongest first. `file` is app.toml. */
interface Given {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly file?: Readonly<Record<string, string>>;
}

/** A VM that prints how agd started it, and exits. */
const tellsMode =
  '#!/bin/sh\necho "${AGVM_LIBAGD:+in-process}${AGVM_FROM_AGD:+split}"\n';

/** A home without blocks that passes all checks of start. */
async function unusedHome(dir: string): Promise<string> {
  const home = await bootedHome(dir);
  await runAgd(home, ['comet', 'unsafe-reset-all']);
  return home;
}

/** The addresses of a node as environment variables. */
async function addresses() {
  const { rpc, p2p, grpc } = await nodePorts();
  return {
    AGD_RPC_LADDR: `tcp://127.0.0.1:${String(rpc)}`,
    AGD_P2P_LADDR: `tcp://127.0.0.1:${String(p2p)}`,
    AGD_GRPC_ADDRESS: `127.0.0.1:${String(grpc)}`,
  };
}

const precedence: readonly (readonly [string, Given, Mode])[] = [
  ['without an option, agd is in-process', {}, 'in-process'],
  ['--split chooses split', { flags: ['--split'] }, 'split'],
  ['AGD_SPLIT chooses split', { env: { AGD_SPLIT: 'true' } }, 'split'],
  ['app.toml chooses split', { file: { split: 'true' } }, 'split'],
  [
    '--split=false overrides AGD_SPLIT',
    { flags: ['--split=false'], env: { AGD_SPLIT: 'true' } },
    'in-process',
  ],
  [
    '--split overrides AGD_SPLIT=false',
    { flags: ['--split'], env: { AGD_SPLIT: 'false' } },
    'split',
  ],
  [
    'AGD_SPLIT=false overrides app.toml',
    { env: { AGD_SPLIT: 'false' }, file: { split: 'true' } },
    'in-process',
  ],
  [
    'AGD_SPLIT_VM implies split, whatever split is in app.toml',
    { env: { AGD_SPLIT_VM: 'VM' }, file: { split: 'false' } },
    'split',
  ],
  [
    'split-vm in app.toml implies split',
    { file: { 'split-vm': 'VM' } },
    'split',
  ],
  [
    '--split-vm overrides AGD_SPLIT=false',
    { flags: ['--split-vm=VM'], env: { AGD_SPLIT: 'false' } },
    'split',
  ],
  [
    '--split=false overrides split-vm in environment and app.toml',
    {
      flags: ['--split=false'],
      env: { AGD_SPLIT_VM: 'VM' },
      file: { 'split-vm': 'VM' },
    },
    'in-process',
  ],
  [
    'AGD_SPLIT=false overrides split-vm in app.toml',
    { env: { AGD_SPLIT: 'false' }, file: { 'split-vm': 'VM' } },
    'in-process',
  ],
];

test.serial(
  'flag, environment and app.toml decide the mode, in this order',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await unusedHome(dir);
      const vm = { agvm: tellsMode };
      const file = await agdBeside(join(dir, 'bin'), vm);
      const withVm = (text: string): string =>
        text.replace('VM', join(dir, 'bin', 'agvm'));
      for (const [title, given, expected] of precedence) {
        for (const key of ['split', 'split-vm']) {
          const value =
            given.file?.[key] ?? { split: 'false', 'split-vm': '' }[key]!;
          await runAgd(home, ['config', 'set', 'app', key, withVm(value)]);
        }
        const env: NodeJS.ProcessEnv = {
          ...given.env,
          ...(await addresses()),
          AGD_JAIL: 'off',
        };
        if (env['AGD_SPLIT_VM'])
          env['AGD_SPLIT_VM'] = withVm(env['AGD_SPLIT_VM']);
        const run = new Process(
          file,
          [
            'start',
            '--home',
            home,
            '--log_format',
            'json',
            ...(given.flags ?? []).map(withVm),
          ],
          { ...process.env, ...env },
        );
        await run.exited;
        t.is(
          said(run.stdout[0] ?? ''),
          expected,
          `${title}: ${run.stderr.join('\n')}`,
        );
      }
    });
  },
);

for (const mode of modes) {
  test.serial(`${mode}: every flag has an AGD_ variable`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await unusedHome(dir);
      const env = {
        ...(await addresses()),
        AGD_HOME: home,
        AGD_SPLIT: String(mode === 'split'),
        AGD_LOG_FORMAT: 'json',
      };
      const taken = Number(env.AGD_RPC_LADDR.split(':').at(-1));
      await withListener(taken, async () => {
        await expectRefusal(
          t,
          ['start'],
          new RegExp(
            `rpc.laddr: .*:${String(taken)}: .*address already in use`,
          ),
          { env },
        );
      });

      const node = new Process(agd, ['start'], { ...process.env, ...env });
      try {
        t.is(await connectedMode(node), mode);
        node.signal('SIGTERM');
        t.deepEqual(await node.exited, { code: 98, signal: null });
      } finally {
        await node.kill();
      }
    });
  });
}

/** The mode that agd's log names once the kernel's process has answered. */
async function connectedMode(node: Process): Promise<unknown> {
  return node.line((line) => {
    const entry = logEntry(line);
    return entry?.['message'] === 'kernel connected'
      ? entry['mode']
      : undefined;
  });
}

const vms: readonly (readonly [title: string, name: string, text: string])[] = [
  ['a script of Node.js', 'vm.mjs', `import '${pathToFileURL(agvm).href}';\n`],
  ['a wrapper that becomes agvm', 'vm', `#!/bin/sh\nexec '${agvm}' "$@"\n`],
  [
    'a wrapper that waits for agvm',
    'vm',
    `#!/bin/sh\n'${agvm}' "$@"\ncode=$?\nexit $code\n`,
  ],
];

for (const [title, name, text] of vms) {
  test.serial(`${title} may be the VM, and is stopped with agd`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await unusedHome(dir);
      await writeFile(join(dir, name), text);
      await chmod(join(dir, name), name === 'vm' ? 0o755 : 0o644);
      const args = startArgs({ home, mode: 'split', ports: await nodePorts() });
      const node = new Process(agd, [
        ...args.filter((arg) => !arg.startsWith('--split')),
        `--split-vm=${join(dir, name)}`,
      ]);
      try {
        t.is(await connectedMode(node), 'split');
        node.signal('SIGINT');
        t.deepEqual(await node.exited, { code: 98, signal: null });
        t.deepEqual(
          processes().filter((row) => row.session === node.pid),
          [],
          'no process is left',
        );
      } finally {
        await node.kill();
      }
    });
  });
}

test.serial(
  'a VM that cannot be started is named with the reason',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await unusedHome(dir);
      const files = {
        plain: ['text', 0o644],
        garbage: ['text', 0o755],
        'ends.js': ['', 0o644],
      } as const;
      for (const [name, [text, mode]] of Object.entries(files)) {
        await writeFile(join(dir, name), text, { mode });
      }
      const refusals: readonly (readonly [string, RegExp])[] = [
        [
          'absent',
          /no VM at .*\/absent: run "make build", or name another with --split-vm/,
        ],
        ['.', /VM: .* is a directory; name its entry point/],
        ['plain', /VM: .*\/plain is neither executable nor a \.js file/],
        ['garbage', /cannot start the VM: .*\/garbage: exec format error/],
        ['ends.js', /no handshake from the VM: .*\(VM: exit status 0\)/],
      ];
      for (const [name, expected] of refusals) {
        const vm = `--split-vm=${join(dir, name)}`;
        const args = startArgs({
          home,
          mode: 'split',
          ports: await nodePorts(),
        });
        await expectRefusal(t, [...args, vm], expected);
      }
    });
  },
);

test.serial(
  'a missing part is named with the command that makes it',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await unusedHome(dir);
      const bare = await agdBeside(join(dir, 'bare'), {});
      const noLibrary = await agdBeside(join(dir, 'no-library'), {});
      await rm(join(dir, 'no-library', 'libagd.so'));
      for (const mode of modes) {
        const args = startArgs({ home, mode, ports: await nodePorts() });
        await expectRefusal(t, args, /no VM at .*agvm: run "make build"/, {
          file: bare,
        });
        await expectRefusal(
          t,
          args,
          /node is not in PATH: install Node\.js 22/,
          { env: { PATH: dir } },
        );
      }
      await expectRefusal(
        t,
        ['version'],
        /cannot load its library: .*libagd\.so.*: run "make build"/,
        { file: noLibrary },
      );
    });
  },
);

for (const mode of modes) {
  test.serial(
    `${mode}: a node without gRPC and REST runs until it is stopped`,
    async (t) => {
      await withTempDir(async (dir) => {
        const node = new AgdNode({
          home: await bootedHome(dir),
          mode,
          ports: await nodePorts(),
          args: ['--grpc.enable=false', '--api.enable=false'],
        });
        try {
          await node.listening();
          await node.height(node.committed() + 3);
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        } finally {
          await node.kill();
        }
      });
    },
  );
}
