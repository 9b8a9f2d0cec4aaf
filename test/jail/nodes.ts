import { readFileSync, readlinkSync } from 'node:fs';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import type { ExecutionContext } from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, nodePorts, runAgd, said } from '../support/node.js';
import { agd } from '../support/paths.js';

/** A descriptor that agd inherits without knowing it. */
const PASSED = 99;
/** Error codes of a refusal. */
export const refused = ['EACCES', 'EPERM'];

/** Attempts that fail with another error than a refusal. */
export const otherwise: Readonly<Record<string, string>> = {
  // Linux: a link needs the same rights at both of its ends.
  'read a key by a hard link': 'EXDEV',
  'read a key by a descriptor that was passed in': 'EBADF',
  // The node runs, and its script fails.
  'read a key in a second node': 'status 1',
};

/** Fails unless the jail refused each attempt. */
export function expectRefused(
  t: ExecutionContext,
  attempts: readonly Attempt[],
): void {
  for (const { name, code } of attempts) {
    const expected = otherwise[name];
    if (expected === undefined) t.true(refused.includes(code ?? ''), name);
    else t.is(code, expected, name);
  }
}

/** One line of attempts.mjs: an error code, null for success. */
export interface Attempt {
  readonly name: string;
  readonly code: string | null;
}

/** Option of a node whose VM first runs attempts.mjs. */
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

/** The attempts of a node's VM, after its first block. */
async function attemptsOf(node: AgdNode): Promise<Attempt[]> {
  await node.height(1);
  return node.stdout
    .map((line) => /^attempt (\{.*\})$/.exec(said(line))?.[1])
    .filter((text) => text !== undefined)
    .map((text) => JSON.parse(text) as Attempt);
}

/** A hexadecimal number of /proc/PID/status. */
export function status(pid: number, name: string): number {
  const text = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const value = new RegExp(`^${name}:\\s*(\\w+)$`, 'm').exec(text)?.[1];
  return Number.parseInt(value ?? 'absent', 16);
}

/** Whether this process has CAP_SYS_ADMIN and no seccomp filter. */
export function isPrivileged(): boolean {
  const has = status(process.pid, 'CapEff');
  return (
    Math.floor(has / 2 ** 21) % 2 === 1 && status(process.pid, 'Seccomp') === 0
  );
}

/** The files behind a process's descriptors, by number. */
export async function descriptors(pid: number): Promise<Map<number, string>> {
  const dir = `/proc/${String(pid)}/fd`;
  const found = new Map<number, string>();
  for (const name of await readdir(dir)) {
    try {
      found.set(Number(name), readlinkSync(join(dir, name)));
    } catch {
      // Closed since.
    }
  }
  return found;
}

/** The home of another node, which the VM must not reach. */
async function otherHome(dir: string): Promise<string> {
  const other = join(dir, 'other');
  await runAgd(other, ['init', 'other']);
  return other;
}

/**
 * Runs a node whose VM makes the attempts, and passes them to `check`. agd
 * inherits a descriptor of a key.
 */
export async function withNode(
  t: ExecutionContext,
  args: readonly string[],
  check: (node: AgdNode, attempts: readonly Attempt[]) => Promise<void>,
  env: NodeJS.ProcessEnv = {},
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
      env: { SECRET_TOKEN: 'secret', ...env },
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
