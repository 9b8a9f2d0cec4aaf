import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { runAgd } from '../support/node.js';

/** The SQLite driver of the kernel's store. */
const Database = createRequire(import.meta.url)('better-sqlite3') as new (
  path: string,
  options: { readonly: boolean },
) => {
  prepare: (sql: string) => { get: () => unknown };
  close: () => void;
};

/** A balance update's row. */
export interface Balance {
  readonly address: string;
  readonly denom: string;
  readonly amount: string;
}

/** An entry of the kernel's log (its "slog"), one line of the file. */
export interface SlogEntry {
  readonly type: string;
  /** When it was written, in seconds since 1970. */
  readonly time: number;
  readonly blockHeight?: number;
  readonly crankNum?: number;
  readonly kd?: unknown;
  /** Of `cosmic-swingset-after-commit-stats`: durations in milliseconds. */
  readonly statsTime?: { readonly forcedGc: number };
  readonly source?: string;
  readonly body?: {
    readonly blockHeight: number;
    readonly nonce: number;
    readonly updated: readonly Balance[];
  };
}

/**
 * The entries of a kernel's log up to a block.
 *
 * @param slog the file
 * @throws Error if a line is not JSON
 */
export async function slogOf(slog: string, last: number): Promise<SlogEntry[]> {
  const text = await readFile(slog, 'utf8');
  const entries = text
    .slice(0, text.lastIndexOf('\n')) // the node may be writing the last one
    .split('\n')
    .map((line) => JSON.parse(line) as SlogEntry);
  const end = entries.findIndex(
    ({ type, blockHeight }) =>
      type === 'cosmic-swingset-begin-block' && blockHeight === last + 1,
  );
  if (end < 0) throw new Error(`${slog}: block ${String(last)} is missing`);
  return entries.slice(0, end);
}

/** The balance updates that the kernel received, in order. */
export const updatesOf = (entries: readonly SlogEntry[]) =>
  entries.flatMap(({ type, source, body }) =>
    type === 'cosmic-swingset-bridge-inbound' && source === 'bank' && body
      ? [body]
      : [],
  );

/** What the kernel's store keeps of the demonstration vat's history. */
export function kept(home: string): { snapshots: number; items: number } {
  const file = join(home, 'data', 'agoric', 'swingstore.sqlite');
  const store = new Database(file, { readonly: true });
  try {
    return store
      .prepare(
        `SELECT (SELECT count(*) FROM snapshots WHERE vatID = 'v1' AND compressedSnapshot IS NOT NULL) AS snapshots,
                (SELECT count(*) FROM transcriptItems WHERE vatID = 'v1') AS items`,
      )
      .get() as { snapshots: number; items: number };
  } finally {
    store.close();
  }
}

/** Writes the kernel's options, and `more`, to app.toml. */
export async function configure(
  home: string,
  more: readonly string[],
): Promise<void> {
  await runAgd(home, [
    ...['config', 'set', 'app', 'swingset.slogfile', 'kernel.slog'],
    ...['swingset.vat-transcript-archive-dir', 'transcripts'],
    ...['swingset.vat-snapshot-archive-dir', 'snapshots'],
    ...more,
  ]);
}
