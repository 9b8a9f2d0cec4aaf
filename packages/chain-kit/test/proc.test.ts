import test from 'ava';

import { bytesOf, cpuTime, familyOf, memory, parentOf } from '../src/proc.js';

test('a parent is read past a name with spaces and parentheses', (t) => {
  t.is(parentOf('12 (a) b (c)) S 7 12 12 0 -1'), 7);
});

test('a value of smaps_rollup is in bytes', (t) => {
  const text = 'Rss:   900 kB\nPss:    12 kB\nPss_Anon:  3 kB\n';
  t.is(bytesOf(text, 'Pss'), 12 * 1024);
  t.throws(() => bytesOf(text, 'Swap'), { message: 'no Swap' });
});

const worker = (pid: number, parent: number, vat: string) => ({
  pid,
  parent,
  argv: ['/opt/xsnap-worker', vat, '-h'],
});

test('split: agd, the VM, and the workers below it', (t) => {
  const all = [
    { pid: 1, parent: 0, argv: ['init'] },
    { pid: 30, parent: 20, argv: ['/usr/bin/node', '/x/agvm', 'start'] },
    { pid: 20, parent: 1, argv: ['/x/agd', 'start'] },
    worker(40, 30, 'v1:bootstrap'),
    worker(50, 99, 'v1:other'),
  ];
  t.deepEqual(familyOf(20, all), [
    { pid: 20, name: 'agd' },
    { pid: 30, name: 'agvm' },
    { pid: 40, name: 'v1:bootstrap' },
  ]);
});

test('in-process: one process, and the workers below it', (t) => {
  const all = [
    {
      pid: 20,
      parent: 1,
      argv: ['/usr/bin/node', '--title=x', '/x/agvm', 'start'],
    },
    worker(40, 20, 'v7:wallet'),
  ];
  t.deepEqual(familyOf(20, all), [
    { pid: 20, name: 'agd and agvm' },
    { pid: 40, name: 'v7:wallet' },
  ]);
});

test('a process that is gone has no family', (t) => {
  t.deepEqual(familyOf(20, []), []);
});

test('the CPU time of this process advances in nanoseconds, and it has memory', (t) => {
  const before = cpuTime(process.pid);
  const end = performance.now() + 30;
  while (performance.now() < end);
  const used = cpuTime(process.pid) - before;
  t.true(used > 5e6 && used < 5e9, String(used));
  t.true(memory(process.pid) > 10e6);
});
