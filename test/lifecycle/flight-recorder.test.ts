// The flight recorder: the last frames of a node whose VM or block failed, and
// the command that replays them.
import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import test, { type ExecutionContext } from 'ava';

import { longAction } from '../support/action.js';
import { bootedHome, freshHome, withTempDir } from '../support/homes.js';
import { startWithVm } from '../support/kernelless.js';
import {
  AgdNode,
  logEntry,
  modes,
  nodePorts,
  runAgd,
} from '../support/node.js';
import { outcomeOf, type Outcome, type Process } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

/** Preloaded into the VM: throws an error once the file `when` of its query exists. */
const preload = `
import { existsSync } from 'node:fs';
const when = new URL(import.meta.url).searchParams.get('when');
setInterval(() => {
  if (existsSync(when)) throw new Error('a defect');
}, 20).unref();
`;

interface Recorded {
  readonly message: string;
  readonly file: string;
  readonly because: string;
  /** The command for a block that was being made. */
  readonly replay?: string;
  /** The command if there was none. */
  readonly look?: string;
}

/** The log line of a file of the flight recorder. */
const recorded = (line: string): Recorded | undefined => {
  const entry = logEntry(line) as Recorded | undefined;
  return entry?.message.startsWith(
    'the last frames between chain and kernel were written',
  )
    ? entry
    : undefined;
};

const crashFiles = async (home: string): Promise<string[]> =>
  (await readdir(join(home, 'data'))).filter((name) =>
    name.startsWith('bridge-crash-'),
  );

/** Runs a command line of the log, with its temporary files below a directory. */
const shell = async (
  dir: string,
  command: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> =>
  outcomeOf('/bin/sh', ['-c', command], {
    ...process.env,
    ...env,
    TMPDIR: dir,
  });

/** The node ends with 99 and has written one file, which it names. */
async function ends(t: ExecutionContext, node: Process): Promise<Recorded> {
  t.deepEqual(await node.exited, { code: 99, signal: null });
  const lines = node.stdout.flatMap((line) => recorded(line) ?? []);
  t.is(lines.length, 1, node.stdout.join('\n'));
  return lines[0]!;
}

for (const mode of modes) {
  test.serial(
    `${mode}: a VM that dies in a block leaves the last frames, and one command replays them`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const [trace, dies] = [join(dir, 'trace.jsonl'), join(dir, 'dies')];
        const module = join(dir, 'preload.mjs');
        await writeFile(module, preload);
        const url = pathToFileURL(module);
        url.searchParams.set('when', dies);
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          args: [
            ...['--bridge-trace', trace, '--bridge-slow-call', '4s'],
            // So small that frames of earlier blocks are lost.
            ...['--bridge-flight-recorder-size', '65536'],
          ],
          env: {
            AGD_VM_NODE_ARGS: `'--import=${url.href}'`,
            AGD_JAIL_READ: module,
          },
        });
        try {
          await node.height(node.committed() + 25);
          const action = await longAction(node, trace, '7uist');
          const slow = await node.line(recorded);
          t.is(
            slow.because,
            'swingset.EndBlock takes longer than --bridge-slow-call',
          );
          const { vm } = await node.pids();
          if (mode === 'split') process.kill(vm, 'SIGKILL');
          else await writeFile(dies, '');
          t.deepEqual(await node.exited, { code: 99, signal: null });
          const last = node.stdout
            .flatMap((line) => recorded(line) ?? [])
            .at(-1);
          t.regex(last?.because ?? '', /^the VM ended: /);
          t.is((await crashFiles(home)).length, 2);
          const text = await runAgd(home, ['bridge', 'trace', last!.file]);
          t.regex(text, /^\S+ head .*"gap":true/m);
          const again = await shell(dir, last?.replay ?? '');
          t.deepEqual(again.exit, { code: 0, signal: null }, again.stderr);
          t.regex(
            again.stdout,
            new RegExp(
              `^the trace ends in block ${String(action.height)}, swingset\\.EndBlock, without its response`,
              'm',
            ),
          );
        } finally {
          await node.kill();
        }
      });
    },
  );

  test.serial(
    `${mode}: a worker that is killed in a delivery fails its block, and one command repeats the block on another machine`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const trace = join(dir, 'trace.jsonl');
        const node = new AgdNode({
          ...{ home, mode, ports: await nodePorts() },
          args: ['--bridge-trace', trace],
        });
        try {
          await node.height(node.committed() + 1);
          const action = await longAction(node, trace, '7uist');
          process.kill(action.worker, 'SIGKILL');
          const { file, because, replay = '' } = await ends(t, node);
          t.regex(because, /^block failed: .*swingset\.EndBlock/);
          // The file, and the kernel's store, of a node that is gone.
          const [other, there] = [join(dir, 'other'), join(dir, 'crash.zst')];
          await rename(file, there);
          await cp(
            join(home, 'data', 'agoric'),
            join(other, 'data', 'agoric'),
            {
              recursive: true,
            },
          );
          await rm(home, { recursive: true });
          const command = replay.replace(file, there).replace(home, other);
          const again = await shell(dir, command);
          // Here no worker is killed: the vat does what it could not do there.
          t.deepEqual(again.exit, { code: 1, signal: null }, again.stderr);
          const block = `block ${String(action.height)}, swingset\\.EndBlock`;
          t.regex(
            again.stdout,
            new RegExp(`^${block}: the kernel does not`, 'm'),
          );
          t.regex(again.stdout, /^ {2}came {5}vstorage\.Get "published\.bank/m);
        } finally {
          await node.kill();
        }
      });
    },
  );

  test.serial(
    `${mode}: a VM that dies between two blocks leaves the last frames, and there is nothing to replay`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const dies = join(dir, 'dies');
        const module = join(dir, 'preload.mjs');
        await writeFile(module, preload);
        const url = pathToFileURL(module);
        url.searchParams.set('when', dies);
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          env: {
            AGD_VM_NODE_ARGS: `'--import=${url.href}'`,
            AGD_JAIL_READ: module,
            // The next block is far away, on a slow machine too.
            AGD_CONSENSUS_TIMEOUT_COMMIT: '30s',
          },
        });
        try {
          await node.height(node.committed() + 1);
          await node.line((line) =>
            logEntry(line)?.['message'] === 'ready' ? line : undefined,
          );
          const { vm } = await node.pids();
          if (mode === 'split') process.kill(vm, 'SIGKILL');
          else await writeFile(dies, '');
          const { message, look, replay } = await ends(t, node);
          t.regex(message, /; no block was being made$/);
          t.is(replay, undefined);
          const shown = await shell(dir, look ?? '');
          t.deepEqual(shown.exit, { code: 0, signal: null }, shown.stderr);
          t.regex(shown.stdout, /swingset\.AfterCommitBlock/);
        } finally {
          await node.kill();
        }
      });
    },
  );

  test.serial(
    `${mode}: a failed block leaves the last frames, and one command repeats the failure`,
    async (t) => {
      await withTempDir(async (dir) => {
        const vm = fileURLToPath(
          new URL('fixture-failing-vm.ts', import.meta.url),
        );
        const home = await freshHome(dir);
        const ports = await nodePorts();
        const env = { FAIL_AT: '5' };
        const node = startWithVm(vm, { home, mode, ports, env });
        try {
          const { replay, because } = await ends(t, node);
          t.regex(because, /^block failed: .*the kernel is broken$/);
          const tsx = {
            NODE_OPTIONS: `--import=${import.meta.resolve('tsx')}`,
          };
          const own = replay!.replace(
            / --home .*/,
            ` --jail=off --split-vm ${vm}`,
          );
          const again = await shell(dir, own, { ...env, ...tsx });
          t.deepEqual(again.exit, { code: 0, signal: null }, again.stderr);
          t.regex(
            again.stdout,
            /^block 5, swingset\.EndBlock failed as in the trace: the kernel is broken$/m,
          );
          const mended = await shell(dir, own, tsx);
          t.deepEqual(mended.exit, { code: 1, signal: null });
          t.regex(mended.stdout, /^ {2}expected error: the kernel is broken$/m);
        } finally {
          await node.kill();
        }

        const off = startWithVm(vm, {
          ...{ home, mode, ports, env },
          args: ['--bridge-flight-recorder-size', '0'],
        });
        try {
          t.deepEqual(await off.exited, { code: 99, signal: null });
          t.is((await crashFiles(home)).length, 1);
        } finally {
          await off.kill();
        }
      });
    },
  );
}

test('options of recordings are checked', async (t) => {
  await withTempDir(async (dir) => {
    const start = ['start', '--home', await freshHome(dir)];
    for (const [flag, value, expected] of [
      [
        'bridge-trace-max-size',
        '-1',
        /must be a number of bytes, 0 for no limit: -1/,
      ],
      [
        'bridge-flight-recorder-size',
        '100',
        /at least 65536, or 0 for none: 100/,
      ],
      ['bridge-slow-call', '-1s', /must be a duration, such as 30s/],
    ] as const) {
      await expectRefusal(t, [...start, `--${flag}=${value}`], expected);
    }
  });
});
