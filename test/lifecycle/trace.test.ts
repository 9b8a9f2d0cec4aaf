import { access, appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd } from '../support/node.js';
import { agd } from '../support/paths.js';
import { Process } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';
import type { TracedFrame } from '../support/trace.js';

/** An entry of `agd bridge trace --json`. */
interface Entry {
  readonly line: number;
  readonly run: number;
  readonly from: string;
  readonly kind: string;
  readonly id?: number;
  readonly method?: string;
  readonly depth: number;
  readonly micros?: number;
}

/** A head of a trace; the heads of a run add up to all of it. */
interface Head {
  readonly trace: number;
  readonly agd: string;
  readonly vm: string;
  readonly go: string;
  readonly transport?: string;
  readonly genesis: string;
  readonly height: number;
  readonly appHash: string;
  readonly options: Record<string, unknown>;
}

/** Resolves once the follower has printed a line that matches, after all that it has printed so far. */
async function prints(follower: Process, pattern: RegExp): Promise<string> {
  const before = follower.stdout.length;
  let seen = 0;
  return follower.line((line) => {
    seen += 1;
    return seen > before && pattern.test(line) ? line : undefined;
  });
}

test.serial(
  'agd bridge trace --follow prints frames as they pass, over several runs and in both modes',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const trace = join(dir, 'trace.jsonl');
      await appendFile(trace, '{"time":"2026-');
      const follower = new Process(agd, ['bridge', 'trace', '-f', trace]);
      try {
        for (const [index, mode] of modes.entries()) {
          const node = new AgdNode({
            home,
            mode,
            ports: await nodePorts(),
            args: ['--bridge-trace', trace],
          });
          try {
            await prints(
              follower,
              new RegExp(`── .* UTC, run ${String(index + 1)}$`),
            );
            await node.height(node.committed() + 1);
            await prints(
              follower,
              /^[\d:.]{15} agd→agvm call {3}#\d+ swingset\.EndBlock \{"blockHeight":/,
            );
            await prints(
              follower,
              /^[\d:.]{15} {3}agvm→agd call {3}#\d+ vstorage\.Get "/,
            );
            await prints(
              follower,
              /^[\d:.]{15} {3}agd→agvm answer #\d+ vstorage\.Get [\d.]+(µs|ms) /,
            );
            await prints(
              follower,
              /^[\d:.]{15} agvm→agd answer #\d+ swingset\.EndBlock [\d.]+m?s null$/,
            );
            t.deepEqual(await node.stop(), { code: 98, signal: null });
          } finally {
            await node.kill();
          }
        }
        follower.signal('SIGINT');
        t.deepEqual(await follower.exited, { code: 0, signal: null });
      } finally {
        await follower.kill();
      }
      t.regex(
        follower.stderr.join('\n'),
        /^.*trace\.jsonl:1: skipped: not a line of a trace: [^\n]*$/,
      );
      await allIsJoined(t, trace);
    });
  },
);

/** The whole trace, printed: each frame once, each answer with its own call's method. */
async function allIsJoined(t: ExecutionContext, trace: string): Promise<void> {
  const [, ...lines] = (await readFile(trace, 'utf8')).trimEnd().split('\n');
  const all = lines.map(
    (line) => JSON.parse(line) as TracedFrame | { readonly head: Head },
  );
  const printed = await runAgd(trace, ['bridge', 'trace', '--json', trace]);
  const entries = printed.split('\n').map((line) => JSON.parse(line) as Entry);
  t.is(entries.length, all.length);
  t.deepEqual([...new Set(entries.map(({ run }) => run))], [1, 2]);
  const calls = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    const line = all[index]!;
    t.is(entry.line, index + 2);
    if ('head' in line) {
      t.is(entry.kind, 'head');
      continue;
    }
    const { from, frame } = line;
    t.is(entry.from, from);
    const asked = from === 'agd' ? 'agvm' : 'agd';
    const key = (side: string): string =>
      `${String(entry.run)} ${side} ${String(frame.id)}`;
    if (entry.kind === 'call') {
      calls.set(key(from), entry.method!);
      t.is(entry.depth, from === 'agd' ? 0 : 1, JSON.stringify(entry));
    } else if (entry.kind !== 'notify') {
      t.is(entry.method, calls.get(key(asked)), JSON.stringify(entry));
      t.true(entry.micros! >= 0);
    }
  }
  const heads = all.flatMap((line) => ('head' in line ? [line.head] : []));
  const [first, second, third] = heads.slice(-3);
  const known = { ...first!, ...second!, ...third! };
  t.is(known.trace, 1);
  t.deepEqual(
    heads.flatMap(({ transport }) => transport ?? []),
    modes.map((mode) => (mode === 'split' ? 'shm' : 'memory')),
  );
  t.regex(
    `${known.agd} ${known.vm} ${known.go}`,
    /^agd \S+ agvm \S+ \(@agoric\/cosmic-swingset \S+, Node\.js \S+\) go1/,
  );
  t.regex(`${known.genesis} ${known.appHash}`, /^[0-9a-f]{64} [0-9a-f]{64}$/);
  t.true(known.height > 0);
  t.truthy(known.options['swingset']);
  const narrow = await runAgd(trace, [
    ...['bridge', 'trace', '--width', '60', '--method', 'swingset.*', trace],
  ]);
  for (const line of narrow.split('\n')) {
    t.true(Array.from(line).length <= 60, line);
    t.regex(line, /^── | head | swingset\./);
  }
}

test('a trace that cannot be read is refused in one line', async (t) => {
  await withTempDir(async (dir) => {
    const trace = ['bridge', 'trace'];
    const absent = join(dir, 'absent');
    for (const flags of [[], ['--follow']]) {
      await expectRefusal(
        t,
        [...trace, ...flags, absent],
        /open .*absent: no such file or directory/,
      );
      await expectRefusal(
        t,
        [...trace, ...flags, dir],
        /is a directory; name the file that --bridge-trace writes/,
      );
    }
    await expectRefusal(
      t,
      [...trace, '--method', '[', absent],
      /--method: "\["/,
    );
    await expectRefusal(t, [...trace, '--width', '-1', absent], /--width/);
    await expectRefusal(t, trace, /expected FILE, got 0 arguments/);
  });
});

test('a trace may come from standard input, with a broken last line', async (t) => {
  await withTempDir(async (dir) => {
    const home = join(dir, 'home');
    const lines = `{"time":"2026-01-02T03:04:05Z","from":"agvm","frame":{"id":1,"method":"m","params":[]}}
{"time":"2026-01-02T03:04:05.5Z","from":"agd","frame":{"id":1,"result":[],"error":null}}
{"time":"2026-`;
    const reader = new Process('/bin/sh', [
      '-c',
      'printf %s "$1" | "$2" bridge trace - --home "$3"',
      ...['sh', lines, agd, home],
    ]);
    t.deepEqual(await reader.exited, { code: 0, signal: null });
    t.deepEqual(reader.stdout.slice(1), [
      '03:04:05.000000 agvm→agd call   #1 m',
      '03:04:05.500000 agd→agvm answer #1 m 500ms []',
    ]);
    t.deepEqual(reader.stderr, [
      '-:3: skipped: incomplete: the writer is still running, or it ended here',
    ]);
    await t.throwsAsync(access(home), undefined, 'no home is made');
  });
});

test('a signal that means nothing to agd does not end it', async (t) => {
  await withTempDir(async (dir) => {
    const trace = join(dir, 'trace.jsonl');
    const frame = (id: number): string =>
      `{"time":"2026-01-02T03:04:05Z","from":"agvm","frame":{"id":${String(id)},"method":"m","params":[]}}\n`;
    await appendFile(trace, frame(1));
    const follower = new Process(agd, ['bridge', 'trace', '-f', trace]);
    try {
      await follower.line((line) => line.includes('#1 m') || undefined);
      for (const name of ['SIGUSR1', 'SIGUSR2', 'SIGXFSZ', 'SIGIO'] as const) {
        follower.signal(name);
      }
      await appendFile(trace, frame(2));
      await follower.line((line) => line.includes('#2 m') || undefined);
      follower.signal('SIGINT');
      t.deepEqual(await follower.exited, { code: 0, signal: null });
    } finally {
      await follower.kill();
    }
  });
});
