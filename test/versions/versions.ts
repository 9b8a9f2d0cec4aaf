import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import type { AgdNode } from '../support/node.js';
import { root } from '../support/paths.js';

const run = promisify(execFile);

const { engines } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as { engines: { node: string } };

/** The major version of Node.js that runs the tests. */
export const own = Number(process.versions.node.split('.')[0]);

/** The supported major versions of Node.js. */
export const supported = [...engines.node.matchAll(/\^(\d+)\./g)].map(
  ([, major]) => Number(major),
);

/** Environment in which `node` is of a major version. */
export async function environmentOf(major: number): Promise<NodeJS.ProcessEnv> {
  if (major === own) return {};
  const script = join(root, 'tools', 'node.sh');
  const { stdout } = await run(script, [String(major)]);
  const bin = join(stdout.trim(), 'bin');
  return { PATH: [bin, process.env['PATH']].join(delimiter) };
}

/** The version of Node.js that runs a node's kernel. */
export async function versionOf(node: AgdNode): Promise<number> {
  const { vm } = await node.pids();
  const exe = `/proc/${String(vm)}/exe`;
  const { stdout } = await run(exe, ['--print', 'process.versions.node']);
  return Number(stdout.split('.')[0]);
}
