import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { root } from './paths.js';

const run = promisify(execFile);

/** A name with characters that URLs escape. */
export const oddName = 'x y%20#é?';

/**
 * A build in a directory with such a name, without kept bundles. Its files are
 * hard links. The caller calls {@link OddTree.remove}.
 */
export interface OddTree {
  readonly agd: string;
  readonly remove: () => Promise<void>;
}

export async function oddTree(): Promise<OddTree> {
  const parent = join(root, 'build', 'test');
  await mkdir(parent, { recursive: true });
  const dir = await mkdtemp(join(parent, 'tree-'));
  const tree = join(dir, oddName);
  const remove = async () => rm(dir, { recursive: true, force: true });
  try {
    await fill(tree);
  } catch (error) {
    await remove();
    throw error;
  }
  return { agd: join(tree, 'build', 'agd'), remove };
}

async function fill(tree: string): Promise<void> {
  const parts = [
    'agd',
    'agvm',
    'agd-vm-jail',
    'libagd.so',
    'libagd-signals.so',
  ];
  await mkdir(join(tree, 'build'), { recursive: true });
  const link = async (from: readonly string[], to: string): Promise<void> => {
    const sources = from.map((name) => join(root, name));
    await run('cp', ['-al', ...sources, join(tree, to)]);
  };
  await link(['node_modules', 'packages', 'third_party', 'package.json'], '.');
  await link(
    parts.map((name) => join('build', name)),
    'build',
  );
  await rm(join(tree, 'packages', 'agvm', 'kernel-bundles'), {
    recursive: true,
    force: true,
  });
}
