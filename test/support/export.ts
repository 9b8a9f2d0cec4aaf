import { createHash } from 'node:crypto';
import { cp, readFile, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { runAgd, type Mode } from './node.js';
import { agd, root } from './paths.js';
import { Process } from './process.js';

/** The part of a genesis' swingset section that concerns the kernel's store. */
export interface SwingsetGenesis {
  readonly swing_store_export_data: readonly {
    readonly key: string;
    readonly value: string;
  }[];
  readonly swing_store_export_data_hash: string;
}

export interface Genesis {
  readonly chain_id: string;
  readonly initial_height: number;
  readonly app_state: { readonly swingset: SwingsetGenesis };
}

export interface Manifest {
  readonly blockHeight: number;
  readonly artifactMode: string;
  readonly data: string;
  readonly artifacts: readonly (readonly [name: string, file: string])[];
}

/** The command line of an export with the kernel. */
export function exportArgs(home: string, mode: Mode, dir: string): string[] {
  const split = `--split=${String(mode === 'split')}`;
  return ['export', '--home', home, split, '--export-dir', dir];
}

/** Exports a home, and places the export where a new chain starts from it. */
export async function restart(
  t: ExecutionContext,
  dir: string,
  home: string,
  mode: Mode,
): Promise<void> {
  const exported = join(dir, 'exported');
  const export_ = new Process(agd, exportArgs(home, mode, exported));
  const exit = await export_.exited;
  t.deepEqual(exit, { code: 0, signal: null }, export_.stderr.join('\n'));
  await runAgd(home, ['comet', 'unsafe-reset-all']);
  await cp(exported, join(home, 'config'), { recursive: true });
  await rm(exported, { recursive: true });
}

/** The directory of an incomplete export. */
export function workDir(dir: string): string {
  return join(dirname(dir), `.${basename(dir)}.agd-export`);
}

/** A running export whose exporter stops once it has written two artifacts. */
export class HeldExport extends Process {
  constructor(home: string, mode: Mode, dir: string) {
    const hold = join(root, 'test', 'lifecycle', 'fixture-hold-exporter.cjs');
    super(agd, exportArgs(home, mode, dir), {
      ...process.env,
      AGD_VM_NODE_ARGS: `--require=${hold}`,
      AGD_JAIL_READ: hold,
    });
  }

  /** The process ids of the exporter, once it is stopped, and of the VM. */
  async held(): Promise<{ exporter: number; vm: number }> {
    const pid = (pattern: RegExp) => (line: string) => {
      const plain = line.replaceAll(/\x1b\[\d+m/g, '');
      const found = pattern.exec(plain)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    const vm = await this.line(pid(/kernel connected.* vm_pid=(\d+)/));
    const exporter = await this.line(pid(/exporter held: (\d+)/));
    return { exporter, vm };
  }
}

/** All files of an export's directory, by relative path. */
export async function contents(dir: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(dir, {
    recursive: true,
    withFileTypes: true,
  })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const hash = createHash('sha256').update(await readFile(path));
    found.set(path.slice(dir.length + 1), hash.digest('hex'));
  }
  return found;
}

export async function readJson<T>(...path: readonly string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), 'utf8')) as T;
}
