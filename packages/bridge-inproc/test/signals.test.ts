// Node's signal handlers beside Go's goroutines.
import test from 'ava';

import { run } from './children.js';

test('handlers installed after Go was loaded survive a storm of signals under downcalls', async (t) => {
  const { stdout, stderr, code, signal } = await run('signal storm');
  t.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  const { changed, lacking, wrong, seen } = JSON.parse(stdout) as {
    changed: string[];
    lacking: string[];
    wrong: number;
    seen: Record<string, number>;
  };
  // SIGCHLD's handler is older than Go if tsx had to start its compiler.
  t.deepEqual(changed.filter((name) => name !== 'SIGCHLD').sort(), [
    'SIGHUP',
    'SIGINT',
    'SIGTERM',
  ]);
  t.deepEqual(lacking, [], 'all handlers have SA_ONSTACK now');
  t.is(wrong, 0);
  t.true(
    (seen['SIGTERM'] ?? 0) > 100,
    `Node still gets its signals: ${stdout}`,
  );
  t.true((seen['SIGCHLD'] ?? 0) > 100, stdout);
});
