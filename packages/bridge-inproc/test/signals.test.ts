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

test('mirrored handlers survive the storm too, and Go receives the signals', async (t) => {
  const { stdout, stderr, code, signal } = await run(
    'signal storm',
    'mirrored',
  );
  t.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  const { changed, lacking, wrong, seen, heard } = JSON.parse(stdout) as {
    changed: string[];
    lacking: string[];
    wrong: number;
    seen: Record<string, number>;
    heard: number;
  };
  t.deepEqual(
    changed.filter((name) => name !== 'SIGCHLD'),
    ['SIGHUP'],
    'the mirror has set SA_ONSTACK on its own',
  );
  t.deepEqual(lacking, []);
  t.is(wrong, 0);
  t.true((seen['SIGTERM'] ?? 0) > 100, `Node gets them: ${stdout}`);
  t.true(heard > 100, `Go receives them: ${stdout}`);
});

test('Go receives a signal while JavaScript is busy, and JavaScript afterwards', async (t) => {
  const { stdout, stderr, code } = await run('busy with signals');
  t.is(stdout, 'Go has heard of 2, JavaScript of 0\nSIGINT SIGTERM\n', stderr);
  t.is(code, 0);
});

test('mirrorSignals wants listeners, and one call', async (t) => {
  const { stdout } = await run('mirrorSignals, refused');
  t.deepEqual(stdout.trimEnd().split('\n'), [
    'mirrorSignals: SIGINT has no listener',
    'mirrorSignals: SIGKILL has no listener',
    'taken',
    'mirrorSignals: called before in this process',
  ]);
});
