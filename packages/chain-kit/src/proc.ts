import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';

/** One process of a node (docs/monitoring.md). */
export interface NodeProcess {
  readonly pid: number;
  /** `agd`, `agvm`, `agd and agvm` (in-process), or a worker's `v1:bootstrap`. */
  readonly name: string;
}

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly argv: readonly string[];
}

/**
 * Parses a process's parent from `/proc/PID/stat`, whose second field may
 * contain any character.
 */
export function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** The value in bytes of a line of `/proc/PID/smaps_rollup` or `status`. */
export function bytesOf(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${name}`);
  return Number(found) * 1024;
}

/** The processes of a node, agd's first, found by the process id of agd. */
export function processesOf(agd: number): NodeProcess[] {
  return familyOf(agd, rows());
}

/** As {@link processesOf}, from given rows of all processes. */
export function familyOf(agd: number, all: readonly Row[]): NodeProcess[] {
  const found: NodeProcess[] = [];
  const walk = (pid: number): void => {
    for (const row of all.filter(({ parent }) => parent === pid)) {
      found.push({ pid: row.pid, name: nameOf(row) });
      walk(row.pid);
    }
  };
  const own = all.find(({ pid }) => pid === agd);
  if (!own) return [];
  const name = isKernel(own.argv) ? 'agd and agvm' : 'agd';
  found.push({ pid: agd, name });
  walk(agd);
  return found;
}

/** Node's own options, if any, precede its script. */
function isKernel([program = '', ...args]: readonly string[]): boolean {
  const script = args.find((arg) => !arg.startsWith('-')) ?? '';
  return basename(program).startsWith('node') && basename(script) === 'agvm';
}

function nameOf({ argv }: Row): string {
  if (isKernel(argv)) return 'agvm';
  const [program = '', vat = ''] = argv;
  if (basename(program).startsWith('xs') && /^v\d+:/.test(vat)) return vat;
  return basename(program);
}

function rows(): Row[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const parent = parentOf(readFileSync(`/proc/${name}/stat`, 'utf8'));
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return [{ pid: Number(name), parent, argv: command.split('\0') }];
    } catch {
      return []; // it has exited
    }
  });
}

/**
 * Total CPU time of a process's current threads, in nanoseconds. The Linux
 * kernel's counter of whole processes has a resolution of only 10 ms.
 */
export function cpuTime(pid: number): number {
  const tasks = `/proc/${String(pid)}/task`;
  let sum = 0;
  for (const task of readdirSync(tasks)) {
    try {
      const text = readFileSync(`${tasks}/${task}/schedstat`, 'utf8');
      sum += Number(text.split(' ')[0]);
    } catch {
      // The thread has exited.
    }
  }
  return sum;
}

/** Memory of a process (proportional set size), in bytes. */
export function memory(pid: number): number {
  const file = `/proc/${String(pid)}/smaps_rollup`;
  return bytesOf(readFileSync(file, 'utf8'), 'Pss');
}
