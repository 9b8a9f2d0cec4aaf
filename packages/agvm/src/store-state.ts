import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The state of the kernel's store, which agd compares with the chain's store
 * before it runs a block. With a wrong store the kernel would start from
 * scratch, or run blocks on the state of another chain, without an error.
 */

/** The file that swing-store keeps in its directory. */
const FILE = 'swingstore.sqlite';

/** The parts of better-sqlite3, swing-store's database library, used here. */
export interface Database {
  prepare(sql: string): { all(...params: readonly unknown[]): unknown[] };
  close(): void;
}

export type OpenDatabase = (
  file: string,
  options: { readonly: true; fileMustExist: true },
) => Database;

/** A key and its value. */
type Entry = [key: string, value: string];

export interface StoreState {
  readonly exists: boolean;
  /**
   * Entries of the kernel's export data that the chain's store must also have.
   */
  readonly exportData: readonly Entry[];
  /** Height of the last committed block; 0: none. */
  readonly height: number;
  /** That block's time in seconds since 1970, if the kernel's timer has it. */
  readonly time?: number;
}

/**
 * Reads the state of the kernel's store in a directory, for a chain whose store
 * is at `blockHeight`. Read-only.
 *
 * The entries are the hash of everything the kernel has done (`activityhash`)
 * and the state of its timer. If the kernel is one block ahead, the entries
 * that its last block has changed are omitted; the record of that block's
 * downcalls lists them.
 *
 * @throws {Error} the file is not a database, or damaged
 */
export function readStoreState(
  open: OpenDatabase,
  dir: string,
  blockHeight: number,
): StoreState {
  const file = path.join(dir, FILE);
  if (!existsSync(file)) return { exists: false, exportData: [], height: 0 };
  let db: Database | undefined;
  try {
    db = open(file, { readonly: true, fileMustExist: true });
    const empty = { exists: true, exportData: [], height: 0 };
    return hasKeys(db) ? { ...empty, ...stateOf(db, blockHeight) } : empty;
  } catch (error) {
    // The library's errors are not `instanceof Error`.
    throw new Error((error as Error).message, { cause: error });
  } finally {
    db?.close();
  }
}

function hasKeys(db: Database): boolean {
  const sql = `SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'kvStore'`;
  return db.prepare(sql).all().length > 0;
}

function stateOf(db: Database, blockHeight: number) {
  const select = db.prepare('SELECT value FROM kvStore WHERE key = ?');
  const get = (key: string): string | undefined =>
    (select.all(key) as { value: string }[])[0]?.value;

  const height = Number(get('host.height') ?? 0);
  const ahead = height > blockHeight;
  const changed = ahead ? changedKeys(get('host.chainSends') ?? '[]') : [];
  // The kernel numbers its devices.
  const timer = `${get('device.name.timer') ?? ''}.deviceState`;
  const exportData = ['activityhash', timer].flatMap((key): Entry[] => {
    const [name, value] = [`kv.${key}`, get(key)];
    return value === undefined || changed.includes(name) ? [] : [[name, value]];
  });
  const time = lastPolled(get(timer) ?? '');
  return { height, exportData, ...(time !== undefined && { time }) };
}

/**
 * The keys of export data in a record of downcalls (`[[port, message],
 * response]` each).
 */
function changedKeys(record: string): string[] {
  const sends = JSON.parse(record) as [[number, string], string][];
  return sends.flatMap(([[, text]]) => {
    const { method, args } = JSON.parse(text) as {
      method?: unknown;
      args?: [key: string][];
    };
    return method === 'swingStoreUpdateExportData' && args
      ? args.map(([key]) => key)
      : [];
  });
}

/** The last block's time in a timer's state, as SwingSet's device writes it. */
function lastPolled(state: string): number | undefined {
  const found = /"lastPolled\\?":\\?"\+(\d+)/.exec(state);
  return found ? Number(found[1]) : undefined;
}
