import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One node of a network, as recorded in `localnet.json`. */
export interface NodeRecord {
  /** The name of its home in the network's directory. */
  readonly name: string;
  /** Its peer-to-peer node id. */
  readonly id: string;
  /** Loopback ports of the last run, 0 before the first one. */
  readonly rpc: number;
  readonly p2p: number;
  readonly grpc: number;
}

/** The content of a network's `localnet.json`. */
export interface NetworkRecord {
  readonly version: 1;
  readonly chainId: string;
  /** The kernels' bootstrap configuration; null for agd's default. */
  readonly bootstrapVatConfig: string | null;
  readonly nodes: readonly NodeRecord[];
}

const FILE = 'localnet.json';

/**
 * The record of the network in a directory; undefined if the directory is empty
 * or absent.
 *
 * @throws Error if the directory contains something else
 */
export async function recordOf(
  dir: string,
): Promise<NetworkRecord | undefined> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR')
      throw new Error(
        `cannot use ${JSON.stringify(dir)}: it is not a directory: name another one with --home`,
      );
    throw error;
  }
  if (names.length === 0) return undefined;
  if (!names.includes(FILE)) {
    throw new Error(
      `cannot use ${JSON.stringify(dir)}: it is neither empty nor a network: name another directory with --home`,
    );
  }
  const file = join(dir, FILE);
  const record = parsed(await readFile(file, 'utf8'));
  if (record === undefined) {
    throw new Error(
      `cannot read ${JSON.stringify(file)}: agd localnet did not write it: name another directory with --home`,
    );
  }
  const missing = record.nodes.find(({ name }) => !names.includes(name));
  if (missing)
    throw new Error(
      `cannot continue the network in ${JSON.stringify(dir)}: ${missing.name} is missing: restore it, or name another directory with --home`,
    );
  return record;
}

function parsed(text: string): NetworkRecord | undefined {
  try {
    const { version, chainId, bootstrapVatConfig, nodes } = JSON.parse(
      text,
    ) as Partial<NetworkRecord>;
    const known =
      version === 1 &&
      typeof chainId === 'string' &&
      (bootstrapVatConfig === null || typeof bootstrapVatConfig === 'string') &&
      Array.isArray(nodes) &&
      nodes.length > 0 &&
      nodes.every(isNode);
    return known ? { version, chainId, bootstrapVatConfig, nodes } : undefined;
  } catch {
    return undefined;
  }
}

function isNode(value: Partial<NodeRecord>): boolean {
  return /^node\d+$/.test(value.name ?? '') && typeof value.id === 'string';
}

/** Writes the record atomically. */
export async function writeRecord(
  dir: string,
  record: NetworkRecord,
): Promise<void> {
  const file = join(dir, FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}
