import { execFile } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { runAgd, type NodeOptions } from './node.js';
import { root } from './paths.js';
import { patience } from './process.js';

const run = promisify(execFile);

/** A code block of a page. */
export interface Block {
  /** The page's path below the repository's root. */
  readonly page: string;
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Without the indentation. */
  readonly text: string;
}

/** Starts of lines that a user pastes into a shell. */
const command =
  /^(?:sudo |(?:build\/)?agd |make |git |go (?:install|tool) |dlv |cp |cat |cd\b|curl |export |useradd |systemctl |journalctl |strace |gdb |cosmovisor |sha256sum |examples\/|[A-Z_]+=\S)/;

/** Marks of pictures, and of frames that start like commands. */
const picture = /[┌│└▼]|^[^\n]*→/;

/** Whether a block is for a shell. */
export const isShell = ({ text }: Block): boolean =>
  command.test(text) && !picture.test(text);

/** The indented and fenced code blocks of a page. */
export async function blocksOf(page: string): Promise<Block[]> {
  const lines = (await readFile(join(root, page), 'utf8')).split('\n');
  const blocks: Block[] = [];
  let open: { line: number; lines: string[]; fence?: string } | undefined;
  const close = (): void => {
    if (!open) return;
    while (open.lines.at(-1)?.trim() === '') open.lines.pop();
    blocks.push({ page, line: open.line, text: dedent(open.lines) });
    open = undefined;
  };
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*```/.exec(line)?.[0];
    if (open?.fence !== undefined) {
      if (fence === undefined) open.lines.push(line);
      else close();
    } else if (fence !== undefined) {
      close();
      open = { line: index + 2, lines: [], fence };
    } else if (/^ {4}/.test(line)) {
      if (open) open.lines.push(line);
      else if (lines[index - 1]?.trim() === '')
        open = { line: index + 1, lines: [line] };
    } else if (line.trim() === '') open?.lines.push(line);
    else close();
  }
  close();
  return blocks;
}

function dedent(lines: readonly string[]): string {
  const depth = Math.min(
    ...lines
      .filter((line) => line.trim() !== '')
      .map((line) => line.length - line.trimStart().length),
  );
  return lines.map((line) => line.slice(depth)).join('\n');
}

/** The one shell block of a page that contains a text. @throws Error if there is not one */
export async function shellBlock(page: string, text: string): Promise<string> {
  const found = (await blocksOf(page)).filter(
    (block) => isShell(block) && block.text.includes(text),
  );
  const [block] = found;
  if (!block || found.length > 1) {
    throw new Error(`${page}: ${String(found.length)} blocks with ${text}`);
  }
  return block.text;
}

/**
 * Makes a directory look like a checkout in which a node runs: `build`, and its
 * home under the name in the documentation. The home's configuration has the
 * node's ports in place of the default ones.
 */
export async function layOut(
  dir: string,
  name: string,
  { home, ports }: Pick<NodeOptions, 'home' | 'ports'>,
): Promise<void> {
  const at = (port: number): string => `tcp://127.0.0.1:${String(port)}`;
  await symlink(join(root, 'build'), join(dir, 'build'));
  await symlink(home, join(dir, name));
  const settings = [
    ['client', 'node', at(ports.rpc)],
    ['config', 'rpc.laddr', at(ports.rpc), 'p2p.laddr', at(ports.p2p)],
    ['app', 'grpc.address', at(ports.grpc).slice('tcp://'.length)],
  ];
  for (const setting of settings) {
    await runAgd(home, ['config', 'set', ...setting]);
  }
}

/**
 * Runs lines in a shell, as a user does, and returns their standard output.
 *
 * @throws Error if the last of them, or a part of a pipeline, fails
 */
export async function runShell(dir: string, lines: string): Promise<string> {
  const options = {
    cwd: dir,
    timeout: patience,
    killSignal: 'SIGKILL',
  } as const;
  const { stdout } = await run(
    'bash',
    ['-e', '-o', 'pipefail', '-c', lines],
    options,
  );
  return stdout;
}
