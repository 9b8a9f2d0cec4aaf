import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { Mode } from '@agd-bridge/chain-kit';

import type { NetworkRecord } from './record.js';

/** The parts of a network that its commands name. */
export interface Named {
  /** agd's name as the user types it. */
  readonly command: string;
  readonly dir: string;
  readonly record: NetworkRecord;
}

/** A node as its commands name it. */
export interface NamedNode {
  readonly name: string;
  readonly mode: Mode;
  readonly pid: number | undefined;
}

/**
 * Next commands for the user of a running network. The commands work as pasted.
 */
export function hints(named: Named, nodes: readonly NamedNode[]): string[] {
  const { dir, record } = named;
  const command = quoted(named.command);
  const home = `--home ${quoted(join(dir, record.nodes[0]?.name ?? ''))}`;
  const last = nodes.at(-1);
  return [
    'agd localnet: the network makes blocks; try in a second shell:',
    `  ${command} tx bank send alice bob 1000uist --yes --wait ${home}`,
    // The demonstration vat writes it.
    record.bootstrapVatConfig === null
      ? `  ${command} query vstorage data published.bank."$(${command} keys show bob -a ${home})" --pretty ${home}`
      : `  ${command} query bank balances bob ${home}`,
    ...(last?.pid === undefined
      ? []
      : [`  kill ${String(last.pid)}  # stops ${last.name} alone`]),
    'agd localnet: Ctrl-C here stops all nodes that it started',
  ];
}

/** The command that starts a node of the network in its mode. */
export function startAgain(
  { command, dir }: Pick<Named, 'command' | 'dir'>,
  { name, mode }: Pick<NamedNode, 'name' | 'mode'>,
): string {
  const flag = mode === 'split' ? ' --split' : '';
  return `${quoted(command)} start --home ${quoted(join(dir, name))}${flag}`;
}

/** A word for a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What a node that was started by hand is, and how to stop it. */
export function byHand({ name, pid }: Pick<NamedNode, 'name' | 'pid'>): string {
  return `${name} runs as process ${String(pid)}, started by hand: kill ${String(pid)} stops it, Ctrl-C here does not`;
}

/** What to do about a node that outlives the network. */
export function leftRunning({
  name,
  pid,
}: Pick<NamedNode, 'name' | 'pid'>): string {
  return `${name} was started by hand and still runs: kill ${String(pid)} stops it`;
}

/**
 * The name by which a user can call a program from any directory: its base name
 * if the search path leads to it, else the path.
 *
 * @param path the environment's PATH
 */
export function callable(program: string, path: string | undefined): string {
  const name = 'agd';
  const found = (path ?? '')
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, name))
    .find(isExecutable);
  if (found !== undefined && realpathSync(found) === realpathSync(program)) {
    return name;
  }
  return program;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
