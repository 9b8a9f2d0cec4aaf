import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { chown, cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import test, { type ExecutionContext } from 'ava';

import {
  agdBeside,
  bootedHome,
  freshHome,
  withTempDir,
} from '../support/homes.js';
import {
  AgdNode,
  logEntry,
  nodePorts,
  said,
  startArgs,
  type NodeOptions,
} from '../support/node.js';
import { agvm, root } from '../support/paths.js';
import { gone, workers } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

import {
  descriptors,
  expectRefused,
  isPrivileged,
  otherwise,
  refused,
  status,
  withNode,
} from './nodes.js';

const run = promisify(execFile);
const helper = join(root, 'build', 'agd-vm-jail');
const native = join(import.meta.dirname, 'native', 'build', 'Release');

/** Without the whole of it agd refuses to make a jail; the last test covers that. */
const { landlock, seccomp } = JSON.parse(
  execFileSync(helper, ['probe'], { encoding: 'utf8' }),
) as { landlock: number; seccomp: boolean };
const holdsAll = landlock >= 6 && seccomp;
const inJail = holdsAll ? test.serial : test.serial.skip;

inJail(
  'in the jail every attempt of the VM fails, and the node makes blocks; agd is not confined',
  async (t) => {
    await withNode(t, ['--jail=on'], async (node, attempts) => {
      expectRefused(t, attempts);
      const { agd: agdPid, vm } = await node.pids();
      t.is(status(agdPid, 'Seccomp'), 0);
      t.is(status(agdPid, 'NoNewPrivs'), 0);
      t.is(status(vm, 'Seccomp'), 2);
      t.is(status(vm, 'NoNewPrivs'), 1);
      t.is(status(vm, 'CapEff'), 0);
      t.is(status(vm, 'CapBnd'), 0);
      const env = readFileSync(`/proc/${String(vm)}/environ`, 'utf8');
      t.notRegex(env, /SECRET_TOKEN|NODE_OPTIONS/);
      await node.height(node.committed() + 2);
      t.deepEqual(await node.stop(), { code: 98, signal: null });
    });
  },
);

test.serial('without the jail each attempt succeeds', async (t) => {
  await withNode(t, ['--jail=off'], async (node, attempts) => {
    // In a container some attempts fail without a jail.
    if (isPrivileged()) {
      for (const { name, code } of attempts) {
        t.false(refused.includes(code ?? ''), `${name}: ${String(code)}`);
        if (name in otherwise) t.is(code, null, name);
      }
    }
    await node.stop();
  });
});

inJail(
  'workers have fewer rights than the VM, and no descriptor of the bridge',
  async (t) => {
    await withTempDir(async (dir) => {
      const node = new AgdNode({
        home: await bootedHome(dir),
        mode: 'split',
        ports: await nodePorts(),
        args: ['--jail=on'],
      });
      try {
        await node.height(1);
        const { vm } = await node.pids();
        const ofVm = new Set((await descriptors(vm)).values());
        const found = workers(vm).map((row) => row.pid);
        t.not(found.length, 0);
        for (const pid of found) {
          t.true(
            status(pid, 'Seccomp_filters') > status(vm, 'Seccomp_filters'),
          );
          for (const [fd, what] of await descriptors(pid)) {
            if (fd > 2) t.false(ofVm.has(what), `${String(fd)}: ${what}`);
            t.notRegex(what, /memfd/);
          }
        }
        process.kill(node.pid, 'SIGKILL');
        await gone([vm, ...found]);
      } finally {
        await node.kill();
      }
      const tried = async (command: readonly string[]): Promise<string[]> => {
        const [file, ...args] = [...command, join(native, 'worker'), dir];
        const { stdout } = await run(file, args);
        return stdout.trim().split('\n');
      };
      const codes = (lines: readonly string[]): string[] =>
        lines.map((line) => line.split('\t')[1] ?? '');
      const free = await tried(['/usr/bin/env']);
      t.deepEqual([...new Set(codes(free))], ['0'], free.join('\n'));
      const confined = await tried([helper, 'worker', '--']);
      t.is(confined.length, free.length);
      for (const line of confined) t.regex(line, /\t(1|13)$/); // EPERM, EACCES
    });
  },
);

inJail('a kernel boots in the jail from a custom configuration', async (t) => {
  await withTempDir(async (dir) => {
    const own = join(dir, 'own');
    await cp(join(root, 'packages', 'vats'), own, { recursive: true });
    await symlink(join(root, 'node_modules'), join(own, 'node_modules'));
    const home = await freshHome(dir, {
      bootstrapVatConfig: join(own, 'bank-config.json'),
    });
    const node = new AgdNode({
      home,
      mode: 'split',
      ports: await nodePorts(),
      args: ['--jail=on'],
    });
    try {
      await node.booted();
      t.deepEqual(await node.stop(), { code: 98, signal: null });
    } finally {
      await node.kill();
    }
  });
});

inJail(
  'by default the jail is complete, and NODE_OPTIONS do not reach the VM',
  async (t) => {
    await withTempDir(async (dir) => {
      const node = new AgdNode({
        home: await bootedHome(dir),
        mode: 'split',
        ports: await nodePorts(),
        env: { NODE_OPTIONS: '--trace-uncaught' },
      });
      try {
        await node.height(1);
        const { vm } = await node.pids();
        t.is(status(vm, 'Seccomp'), 2);
        const told = (text: string) =>
          node.stdout
            .map(logEntry)
            .find((entry) => entry?.['message'] === text);
        const jailed = told('the VM runs in a jail');
        t.truthy(jailed);
        t.is(jailed?.['not_confined'], undefined);
        t.truthy(
          told(
            `NODE_OPTIONS does not get into the VM's jail: use --vm-node-args`,
          ),
        );
        await node.stop();
      } finally {
        await node.kill();
      }
    });
  },
);

/** A program that the jail allows to execute. */
const cat = '/usr/bin/cat';
const loader =
  process.arch === 'arm64'
    ? '/lib/ld-linux-aarch64.so.1'
    : '/lib64/ld-linux-x86-64.so.2';

inJail(
  'a start drops all capabilities and sets the death signal, whatever thread it runs on',
  async (t) => {
    const policy = JSON.stringify({
      read: ['/proc', '/usr/lib'],
      exec: [cat, realpathSync(loader)],
    });
    const capabilities = async (): Promise<string> => {
      const args = ['vm', policy, '--', cat, '/proc/self/status'];
      const { stdout } = await run(helper, args);
      return /^CapEff:\s*(\w+)$/m.exec(stdout)?.[1] ?? '';
    };
    const atParentsEnd = async (): Promise<string> => {
      const args = ['worker', '--', join(native, 'worker')];
      return (await run(helper, args)).stdout.trim();
    };
    // Go moves a goroutine to another thread about once in 100 starts.
    for (let i = 0; i < 100; i += 1) {
      const eight = async (one: () => Promise<string>): Promise<string[]> => [
        ...new Set(await Promise.all(Array.from({ length: 8 }, one))),
      ];
      t.deepEqual(await eight(capabilities), ['0'.repeat(16)]);
      t.deepEqual(await eight(atParentsEnd), ['signal\t9']);
    }
  },
);

inJail('the inspector works in the jail', async (t) => {
  await withTempDir(async (dir) => {
    const node = new AgdNode({
      home: await bootedHome(dir),
      mode: 'split',
      ports: await nodePorts(),
      args: ['--jail=on', '--vm-inspect=0'],
    });
    try {
      const url = await node.line(
        (line) => /^Debugger listening on ws:\/\/(\S+)\//.exec(said(line))?.[1],
      );
      const answer = await fetch(`http://${url}/json/version`);
      t.is(answer.status, 200);
      await node.height(1);
      await node.stop();
    } finally {
      await node.kill();
    }
  });
});

test.serial(
  'a VM that cannot be confined is refused with on, and reported with auto',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const options = { home, ports: await nodePorts() };
      const start = (mode: 'split' | 'in-process', ...args: string[]) =>
        startArgs({ ...options, mode, args });
      await expectRefusal(
        t,
        start('split', '--jail=maybe'),
        /^agd: option jail: --jail has "maybe": expected auto, on or off$/m,
      );
      await expectRefusal(
        t,
        start('in-process', '--jail=on'),
        /^agd: --jail=on needs --split: /m,
      );
      if (holdsAll) {
        await expectRefusal(
          t,
          start('split', '--jail=on', `--jail-read=${home}`),
          /^agd: --jail: .* would be in the jail, with .*priv_validator_key\.json: /m,
        );
        await expectRefusal(
          t,
          start('split', '--jail=on', `--jail-read=${join(dir, 'absent')}`),
          /^agd: --jail: .*absent: no such file or directory$/m,
        );
      }
      await expectRefusal(
        t,
        start('split', '--jail=on', '--split-vm=/bin/true'),
        /^agd: --jail=on: \/bin\/true is an executable of its own, /m,
      );
      // A system without Landlock and seccomp.
      const file = await agdBeside(join(dir, 'bin'), {
        'agd-vm-jail': '#!/bin/sh\necho \'{"landlock":0,"seccomp":false}\'\n',
      });
      await symlink(agvm, join(dir, 'bin', 'agvm'));
      await expectRefusal(
        t,
        start('split', '--jail=on'),
        /^agd: --jail=on: this system cannot confine files, .*: it has no Landlock and no seccomp filters; /m,
        { file },
      );
      await expectFree(t, { ...options, binary: file }, /^this system has no /);
      // Files that root reaches only by its privileges.
      if (process.getuid?.() === 0) {
        await chown(join(home, 'data', 'agoric'), 1000, 1000);
        await expectRefusal(
          t,
          start('split', '--jail=on'),
          /^agd: --jail=on: .*agoric belongs to the user 1000, /m,
        );
        await expectFree(t, options, /agoric belongs to the user 1000, /);
      }
    });
  },
);

/** Expects that a node with `--jail=auto` runs without a jail and logs why. */
async function expectFree(
  t: ExecutionContext,
  options: Omit<NodeOptions, 'mode'>,
  reason: RegExp,
): Promise<void> {
  const node = new AgdNode({
    ...options,
    mode: 'split',
    args: ['--jail=auto'],
  });
  try {
    await node.height(1);
    const told = node.stdout
      .map(logEntry)
      .find((entry) => entry?.['message'] === 'no jail for the VM');
    t.regex(String(told?.['reason']), reason);
    t.deepEqual(await node.stop(), { code: 98, signal: null });
  } finally {
    await node.kill();
  }
}
