// Does what a load generator or a monitor does: finds the kernel and its
// workers below agd's process in /proc, and reads their resource use
// (docs/monitoring.md).
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';
import { processes } from '../support/process.js';

const read = (pid: number, file: string): string =>
  readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');

/** A process's arguments, its program first. */
const argv = (pid: number): string[] =>
  read(pid, 'cmdline').split('\0').slice(0, -1);

const children = (pid: number): number[] =>
  processes()
    .filter((row) => row.ppid === pid)
    .map((row) => row.pid);

/** The kernel: node with agvm as its script; agd's own process, or below it. */
function findKernel(pid: number): number | undefined {
  const [program = '', script = ''] = argv(pid);
  if (basename(program).startsWith('node') && basename(script) === 'agvm') {
    return pid;
  }
  for (const child of children(pid)) {
    const found = findKernel(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isWorker = (pid: number): boolean => {
  const [program = '', name = ''] = argv(pid);
  return basename(program).startsWith('xs') && /^v\d+:/.test(name);
};

/** User and system time, in ticks. */
function cpuTime(pid: number): number {
  const stat = read(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]); // utime, stime: 14 and 15 of proc(5)
}

/** A value in kilobytes of /proc/PID/status or smaps_rollup. */
const kilobytes = (pid: number, file: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(read(pid, file))?.[1]);

for (const mode of modes) {
  test.serial(
    `${mode}: a monitor finds the kernel and its workers and reads their resource use`,
    async (t) => {
      await withTempDir(async (dir) => {
        const node = new AgdNode({
          home: await bootedHome(dir),
          mode,
          ports: await nodePorts(),
        });
        try {
          const { vm } = await node.pids();
          const kernel = findKernel(node.pid);
          t.is(kernel, vm);
          t.is(kernel === node.pid, mode === 'in-process');
          const workers = children(vm).filter(isWorker);
          t.true(
            workers.some((pid) => argv(pid)[1] === 'v1:bootstrap'),
            'the vat of the genesis',
          );
          for (const pid of new Set([node.pid, vm, ...workers])) {
            const who = argv(pid).slice(0, 2).join(' ');
            t.true(cpuTime(pid) > 0, `CPU time of ${who}`);
            const resident = kilobytes(pid, 'status', 'VmRSS');
            const share = kilobytes(pid, 'smaps_rollup', 'Pss');
            t.true(resident > 1000, `VmRSS of ${who}: ${String(resident)}`);
            t.true(
              share > 0 && share <= resident * 1.1,
              `Pss of ${who}: ${String(share)}`,
            );
          }
          // CPU time grows while blocks are made.
          const before = cpuTime(vm);
          await node.height(node.committed() + 5);
          t.true(cpuTime(vm) > before);
        } finally {
          await node.kill();
        }
      });
    },
  );
}
