/** What `agd-vm-jail` gives a program, tried with a shell in place of a VM. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import test from 'ava';

import { withTempDir } from '../support/homes.js';
import { root } from '../support/paths.js';

const run = promisify(execFile);
const helper = join(root, 'build', 'agd-vm-jail');
const { landlock, seccomp } = JSON.parse(
  execFileSync(helper, ['probe'], { encoding: 'utf8' }),
) as { landlock: number; seccomp: boolean };
const capabilities = /^CapEff:\s*(\w+)$/m.exec(
  readFileSync('/proc/self/status', 'utf8'),
)?.[1];
/** Mounts, and other users, need a privileged root. */
const asRoot =
  landlock >= 6 &&
  seccomp &&
  Math.floor(Number.parseInt(capabilities ?? '0', 16) / 2 ** 21) % 2 === 1
    ? test
    : test.skip;

const shell = realpathSync('/bin/sh');
const sleep = realpathSync('/bin/sleep');
const loader = realpathSync(
  process.arch === 'arm64'
    ? '/lib/ld-linux-aarch64.so.1'
    : '/lib64/ld-linux-x86-64.so.2',
);

/** The arguments of a shell in the jail. */
const inJail = (script: string, more: object = {}): string[] => [
  'vm',
  JSON.stringify({
    read: ['/usr/lib', '/etc/ld.so.cache', '/proc/meminfo'],
    write: ['/dev/null'],
    exec: [shell, sleep, loader],
    ...more,
  }),
  '--',
  shell,
  '-c',
  script,
];

test('the helper is a static program: it needs no loader, and none is read for it', (t) => {
  const elf = readFileSync(helper);
  // elf(5): program headers, in an ELF file of 64 bits.
  const [INTERPRETER, offset] = [3, Number(elf.readBigUInt64LE(32))];
  const [size, count] = [elf.readUInt16LE(54), elf.readUInt16LE(56)];
  t.true(count > 0);
  for (let index = 0; index < count; index += 1) {
    t.not(elf.readUInt32LE(offset + index * size), INTERPRETER);
  }
});

asRoot('what may be read of /proc stays so when memory is short', async (t) => {
  // A /proc of its own, whose names Linux forgets when it is mounted again.
  const forgetting = `mount -t proc proc /proc
    coproc "$@"
    exec 3<&"\${COPROC[0]}"
    read -r ready <&3
    mount -o remount proc /proc
    echo >&"\${COPROC[1]}"
    cat <&3`;
  const files = ['/proc/self/stat', '/proc/self/maps', '/proc/meminfo'];
  const { stdout } = await run('unshare', [
    ...['--mount', 'bash', '-c', forgetting, 'bash', helper],
    ...inJail(`echo ready
      read -r go
      for file in ${files.join(' ')}; do
        read -r line <$file && echo $file
      done
      read -r line </proc/self/net/unix && echo net`),
  ]).catch((error: unknown) => error as { stdout: string });
  t.deepEqual(stdout.trim().split('\n'), files);
});

asRoot('a user who is not root has so many processes more', async (t) => {
  await withTempDir(async (dir) => {
    await chmod(dir, 0o755);
    const copy = join(dir, 'agd-vm-jail');
    await copyFile(helper, copy);
    // A user of whom nothing else runs.
    const user = ['--reuid', '54321', '--regid', '54321', '--clear-groups'];
    const tried = async (more: object): Promise<number> => {
      const script = `i=0
        while [ $i -lt 60 ]; do i=$((i+1)); sleep 1 & echo $i; done
        wait`;
      const args = [...user, copy, ...inJail(script, more)];
      const { stdout } = await run('setpriv', args).catch(
        (error: unknown) => error as { stdout: string },
      );
      return stdout.trim().split('\n').length;
    };
    t.is(await tried({}), 60);
    const bound = await tried({ maxProcesses: 40 });
    t.true(bound > 15 && bound < 60, String(bound));
  });
});
