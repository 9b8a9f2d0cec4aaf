import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import { databases } from '../src/kernel.js';
import { readStoreState } from '../src/store-state.js';

/** The real library, for writing. */
type Writable = ReturnType<ReturnType<typeof databases>> & {
  exec(sql: string): void;
};

const timer = (seconds: number): string =>
  `{"body":"#{\\"deadlines\\":[],\\"lastPolled\\":\\"+${String(seconds)}\\"}","slots":[]}`;

const sends = (...keys: string[]): string =>
  JSON.stringify([
    [[1, '{"args":["a"],"method":"get"}'], 'null'],
    [
      [
        2,
        JSON.stringify({
          args: keys.map((key) => [key, '1']),
          method: 'swingStoreUpdateExportData',
        }),
      ],
      'true',
    ],
  ]);

/** Makes a store of these keys in a directory of its own; returns its path. */
function storeWith(
  t: { teardown(end: () => void): void },
  keys: Readonly<Record<string, string>> | undefined,
): string {
  const dir = mkdtempSync(join(tmpdir(), 'agd-test-'));
  t.teardown(() => {
    rmSync(dir, { recursive: true });
  });
  const file = join(dir, 'swingstore.sqlite');
  if (keys === undefined) return dir;
  writeFileSync(file, '');
  const db = databases()(file, {} as never) as Writable;
  db.exec(
    'PRAGMA journal_mode=wal; CREATE TABLE kvStore (key TEXT, value TEXT)',
  );
  for (const [key, value] of Object.entries(keys)) {
    db.exec(`INSERT INTO kvStore VALUES ('${key}', '${value}')`);
  }
  db.close();
  return dir;
}

const keys = {
  'host.height': '7',
  'host.chainSends': sends('kv.d9.deviceState', 'kv.b'),
  'device.name.timer': 'd9',
  'd9.deviceState': timer(1234),
  activityhash: 'abc',
};

test("a store's state has the kernel's activity and time", (t) => {
  t.deepEqual(readStoreState(databases(), storeWith(t, keys), 7), {
    exists: true,
    exportData: [
      ['kv.activityhash', 'abc'],
      ['kv.d9.deviceState', timer(1234)],
    ],
    height: 7,
    time: 1234,
  });
});

test('the state of a store that is ahead leaves out what its last block changed', (t) => {
  const state = readStoreState(databases(), storeWith(t, keys), 6);
  t.deepEqual(state.exportData, [['kv.activityhash', 'abc']]);
  t.is(state.height, 7);
});

test('a store that is absent, empty, or not begun has no height', (t) => {
  const empty = { exists: true, exportData: [], height: 0 };
  const absent = { ...empty, exists: false };
  t.deepEqual(readStoreState(databases(), storeWith(t, undefined), 3), absent);
  t.deepEqual(readStoreState(databases(), storeWith(t, {}), 3), empty);
  const dir = storeWith(t, undefined);
  writeFileSync(join(dir, 'swingstore.sqlite'), '');
  t.deepEqual(readStoreState(databases(), dir, 3), empty);
});

test('a file that is not a database is an error', (t) => {
  const dir = storeWith(t, undefined);
  writeFileSync(join(dir, 'swingstore.sqlite'), 'x'.repeat(10_000));
  t.throws(() => readStoreState(databases(), dir, 3), {
    message: /file is not a database/,
  });
});
