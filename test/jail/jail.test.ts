import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  readdir,
  symlink,
  writeFile,
} from 'node:fs/promises';
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
  runAgd,
  said,
  startArgs,
  type NodeOptions,
} from '../support/node.js';
import { agd, agvm, root } from '../support/paths.js';
import { gone, workers } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

const run = promisify(execFile);
const helper = join(root, 'build', 'agd-vm-jail');
const native = join(import.meta.dirname, 'native', 'build', 'Release');

/** Where the machine cannot hold the whole jail, agd refuses to put it up: see the last test. */
const { landlock, seccomp } = JSON.parse(
  execFileSync(helper, ['probe'], { encoding: 'utf8' }),
) as { landlock: number; seccomp: boolean };
const holdsAll = landlock >= 6 && seccomp;
const inJail = holdsAll ? test.serial : test.serial.skip;

/** A descriptor that agd is started with, and does not know of. */
const PASSED = 99;
const refused = ['EACCES', 'EPERM'];

interface Attempt {
  readonly name: string;
  readonly code: string | null;
}

/** Options of a node whose VM tries what it must not do, and then goes on. */
function attemptsIn(home: string, other: string, port: number): string {
  const url = new URL('attempts.mjs', import.meta.url);
  url.search = new URLSearchParams({
    home,
    other,
    port: String(port),
    passed: String(PASSED),
  }).toString();
  return `--vm-node-args='--import=${url.href}'`;
}

const readable = `--jail-read=${import.meta.dirname}`;

async function attemptsOf(node: AgdNode): Promise<Attempt[]> {
  await node.height(1);
  return node.stdout
    .map((line) => /^attempt (\{.*\})$/.exec(said(line))?.[1])
    .filter((text) => text !== undefined)
    .map((text) => JSON.parse(text) as Attempt);
}

/** A number of /proc/PID/status. */
function status(pid: number, name: string): number {
  const text = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const value = new RegExp(`^${name}:\\s*(\\w+)$`, 'm').exec(text)?.[1];
  return Number.parseInt(value ?? 'absent', 16);
}

/** Whether this process has CAP_SYS_ADMIN, and no filter. */
function isPrivileged(): boolean {
  const has = status(process.pid, 'CapEff');
  return (
    Math.floor(has / 2 ** 21) % 2 === 1 && status(process.pid, 'Seccomp') === 0
  );
}

/** What the descriptors of a process are, by number. */
async function descriptors(pid: number): Promise<Map<number, string>> {
  const dir = `/proc/${String(pid)}/fd`;
  const found = new Map<number, string>();
  for (const name of await readdir(dir)) {
    try {
      found.set(Number(name), readlinkSync(join(dir, name)));
    } catch {
      // Closed meanwhile.
    }
  }
  return found;
}

/** What a home's other node would have. */
async function otherHome(dir: string): Promise<string> {
  const other = join(dir, 'other');
  await runAgd(other, ['init', 'other']);
  return other;
}

/** Runs a node whose VM makes its attempts; agd inherits a descriptor to a key. */
async function withNode(
  t: ExecutionContext,
  args: readonly string[],
  check: (node: AgdNode, attempts: readonly Attempt[]) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const other = await otherHome(dir);
    const ports = await nodePorts();
    const binary = join(dir, 'agd-with-descriptor');
    const key = join(home, 'config', 'node_key.json');
    await writeFile(
      binary,
      `#!/bin/bash\nexec ${String(PASSED)}<'${key}'\nexec '${agd}' "$@"\n`,
    );
    await chmod(binary, 0o755);
    const node = new AgdNode({
      home,
      mode: 'split',
      ports,
      binary,
      args: [...args, readable, attemptsIn(home, other, ports.rpc)],
      env: { SECRET_TOKEN: 'secret' },
    });
    try {
      const attempts = await attemptsOf(node);
      t.true(attempts.length > 100, node.stdout.slice(-20).join('\n'));
      await check(node, attempts);
    } finally {
      await node.kill();
    }
  });
}

/** Errors of attempts that end otherwise than by a refusal. */
const otherwise: Readonly<Record<string, string>> = {
  // Linux: a link needs the same rights at both of its ends.
  'read a key by a hard link': 'EXDEV',
  'read a key by a descriptor that was passed in': 'EBADF',
  // The node runs, and its script fails.
  'read a key in a second node': 'status 1',
};

inJail(
  'in the jail the VM may do none of it, and makes blocks; agd is free',
  async (t) => {
    await withNode(t, ['--jail=on'], async (node, attempts) => {
      for (const { name, code } of attempts) {
        const expected = otherwise[name];
        if (expected === undefined) t.true(refused.includes(code ?? ''), name);
        else t.is(code, expected, name);
      }
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

test.serial('each attempt is real: without the jail it works', async (t) => {
  await withNode(t, ['--jail=off'], async (node, attempts) => {
    // In a container some of it fails anyway.
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
  'workers have less than the VM, and nothing of the bridge',
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

inJail(
  'a kernel boots in the jail from a configuration of its own',
  async (t) => {
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
  },
);

inJail('the default is the whole jail, and no NODE_OPTIONS', async (t) => {
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
        node.stdout.map(logEntry).find((entry) => entry?.['message'] === text);
      t.is(told('the VM runs in a jail')?.['not_confined'], '');
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
});

/** A program that a process in the jail may become. */
const cat = '/usr/bin/cat';
const loader =
  process.arch === 'arm64'
    ? '/lib/ld-linux-aarch64.so.1'
    : '/lib64/ld-linux-x86-64.so.2';

inJail('a start loses nothing, and keeps nothing, to threads', async (t) => {
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
  // Go moves a goroutine to another thread in one of some hundred starts.
  for (let i = 0; i < 100; i += 1) {
    const eight = async (one: () => Promise<string>): Promise<string[]> => [
      ...new Set(await Promise.all(Array.from({ length: 8 }, one))),
    ];
    t.deepEqual(await eight(capabilities), ['0'.repeat(16)]);
    t.deepEqual(await eight(atParentsEnd), ['signal\t9']);
  }
});

inJail('the inspector works where it is asked for', async (t) => {
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

test.serial('what cannot be jailed is refused, or told', async (t) => {
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
    // A machine without any of it.
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
    // A state that root has by its privileges alone.
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
});

/** A node in `auto` runs without a jail, and says why. */
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
