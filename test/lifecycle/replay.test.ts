import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

import test from 'ava';

import { readJson, restart, type Genesis } from '../support/export.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';
import type { Outcome } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';
import {
  allDiffer,
  bridge,
  canBeShared,
  chainDiffers,
  chainDoesTheSame,
  isDrawn,
  isOnPage,
  leftovers,
  replay,
} from './replay-checks.js';

/** What the test reads of `agd bridge diff --json`. */
interface Difference {
  readonly differing: number;
  readonly last: number;
}

for (const mode of modes) {
  test.serial(
    `a VM alone and a chain alone do what the trace of a node has, ${mode}, compressed and rotated; another trace differs at its line`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const before = join(dir, 'before');
        await cp(home, before, { recursive: true });
        const packed = join(dir, 'trace.jsonl.zst');
        const slog = join(dir, 'slog.jsonl');
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          env: { SLOGFILE: slog },
          args: [
            ...['--bridge-trace', packed],
            ...['--bridge-trace-max-size', '1000'],
          ],
        });
        const action = JSON.stringify({ replay: mode });
        try {
          const sent = ['swingset', 'wallet-action', action, '--from', 'bob'];
          await node.height(1 + (await node.tx(...sent)));
          await node.stop();
        } finally {
          await node.kill();
        }

        const html = join(dir, 'vm.html');
        const json = await replay(
          dir,
          ...[packed, '--vm', '--home', before, '--json', '--html', html],
        );
        t.deepEqual(json.exit, { code: 0, signal: null }, json.stderr);
        const report = JSON.parse(json.stdout) as {
          same: boolean;
          first: number;
          last: number;
          downcalls: number;
          times: { method: string; replayedMs: number }[];
          recorded: { vm: string; mode: string };
          replayed: { vm: string; mode: string };
        };
        t.true(report.same);
        t.true(report.last >= 2 && report.downcalls > 5, json.stdout);
        for (const { method, replayedMs } of report.times) {
          t.true(replayedMs > 0, method);
        }
        t.regex(report.replayed.vm, /^agvm \d/);
        t.is(report.recorded.vm, report.replayed.vm);
        t.deepEqual(
          [report.recorded.mode, report.replayed.mode],
          [mode, 'split'],
        );
        await isOnPage(t, html, report, 'swingset.EndBlock');
        t.deepEqual(await leftovers(dir), []);

        // In the other mode.
        const one = await replay(
          dir,
          ...[packed, '--vm', '--in-process', '--home', before, '--json'],
        );
        t.deepEqual(one.exit, { code: 0, signal: null }, one.stderr);
        const hosted = JSON.parse(one.stdout) as typeof report;
        t.is(hosted.replayed.mode, 'in-process');
        t.deepEqual(
          [hosted.first, hosted.last, hosted.downcalls],
          [report.first, report.last, report.downcalls],
        );
        t.deepEqual(await leftovers(dir), []);

        // A part: where the store allows it.
        const of = async (from: number): Promise<Outcome> =>
          replay(
            dir,
            ...[packed, '--vm', '--home', before, '--json'],
            ...['--from', String(from), '--to', String(from)],
          );
        const part = await of(report.first);
        t.deepEqual(part.exit, { code: 0, signal: null }, part.stderr);
        t.is((JSON.parse(part.stdout) as typeof report).last, report.first);
        const refused = await of(report.first + 1);
        t.deepEqual(refused.exit, { code: 1, signal: null });
        t.regex(
          refused.stderr,
          new RegExp(
            `^agd: --from ${String(report.first + 1)}: the kernel's store is at block ${String(report.first - 1)}: name a home directory of block ${String(report.first)} with --home$`,
            'm',
          ),
        );

        await isDrawn(t, packed, slog);

        // The same as plain text.
        const rotated = (await readdir(dir))
          .filter((name) => /^trace\.jsonl\.\d+\.zst$/.test(name))
          .sort((a, b) => Number(a.split('.')[2]) - Number(b.split('.')[2]));
        t.true(rotated.length > 0);
        const trace = join(dir, 'plain.jsonl');
        const parts = [...rotated.map((name) => join(dir, name)), packed];
        const texts = await Promise.all(parts.map(async (p) => readFile(p)));
        await writeFile(
          trace,
          texts.map((part) => zstdDecompressSync(part)),
        );

        // The vat's text, as another kernel would have published it.
        const text = await readFile(trace, 'utf8');
        const lines = text.split('\n');
        const line = lines.findIndex(
          (each) =>
            each.includes('"vstorage.SetWithoutNotify"') ||
            (each.includes('"vstorage.Set"') &&
              each.includes('published.wallet')),
        );
        t.true(line > 0);
        lines[line] = (lines[line] ?? '').replace('\\"actions', '\\"acts');
        const other = join(dir, 'other.jsonl');
        await writeFile(other, lines.join('\n'));
        const differs = await replay(dir, other, '--vm', '--home', before);
        t.deepEqual(differs.exit, { code: 1, signal: null });
        t.regex(
          differs.stderr,
          new RegExp(
            `^agd: .*other\\.jsonl:${String(line + 1)}: the kernel differs from the trace in block \\d+$`,
            'm',
          ),
        );
        t.regex(
          differs.stdout,
          new RegExp(
            `^block \\d+, swingset\\.EndBlock: the kernel does not do what line ${String(line + 1)} of the trace says$`,
            'm',
          ),
        );
        t.regex(differs.stdout, /^ {2}equal {4}vstorage\.Get "published/m);
        t.regex(differs.stdout, /^ {2}expected .*acts/m);
        t.regex(differs.stdout, /^ {2}came .*actions/m);
        t.deepEqual(await leftovers(dir), []);

        await allDiffer(t, dir, other, before, line + 1);

        const same = await bridge(dir, 'diff', trace, packed, '--json');
        t.deepEqual(same.exit, { code: 0, signal: null }, same.stderr);
        const { differing, last } = JSON.parse(same.stdout) as Difference;
        t.is(differing, 0);
        t.true(last >= 2);
        const found = await bridge(dir, 'diff', packed, other);
        t.deepEqual(found.exit, { code: 1, signal: null }, found.stderr);
        t.regex(
          found.stderr,
          /^agd: .*trace\.jsonl\.zst and .*other\.jsonl differ in block \d+$/m,
        );
        t.regex(
          found.stdout,
          /^block \d+, swingset\.EndBlock: the traces differ: downcall of port vstorage$/m,
        );
        t.regex(found.stdout, /^ {2}both vstorage\.Get "published/m);
        t.regex(
          found.stdout,
          /^ {2}A {4}\S+trace\.jsonl(\.\d+)?\.zst:\d+: .*actions/m,
        );
        t.regex(
          found.stdout,
          new RegExp(
            `^ {2}B {4}\\S+other\\.jsonl:${String(line + 1)}: .*acts`,
            'm',
          ),
        );

        await canBeShared(t, dir, trace, ['agoric1', 'actions', slog]);
        await chainDoesTheSame(t, dir, packed, home);
        await chainDiffers(t, dir, trace, home);

        const empty = await replay(dir, trace, '--vm');
        t.deepEqual(empty.exit, { code: 1, signal: null });
        t.regex(
          empty.stderr,
          /^agd: the trace begins with the kernel's store at block \d+, and this one is at block 0: name a home directory of that block with --home$/m,
        );
      });
    },
  );
}

for (const mode of modes) {
  test.serial(
    `${mode}: a replay begins with the export that a chain began with`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        await restart(t, dir, home, mode);
        const before = join(dir, 'before');
        await cp(home, before, { recursive: true });
        const trace = join(dir, 'trace.jsonl');
        const node = new AgdNode({
          ...{ home, mode, ports: await nodePorts() },
          args: ['--bridge-trace', trace],
        });
        try {
          const action = ['swingset', 'wallet-action', '{}', '--from', 'bob'];
          await node.height(1 + (await node.tx(...action)));
          await node.stop();
        } finally {
          await node.kill();
        }
        for (const [side, of] of [
          ['--vm', before],
          ['--chain', home],
        ] as const) {
          const { exit, stderr, stdout } = await replay(
            dir,
            ...[trace, side, '--home', of, '--json'],
          );
          t.deepEqual(exit, { code: 0, signal: null }, stderr + stdout);
          const { first } = JSON.parse(stdout) as { first: number };
          t.is(first, await initialHeight(home));
        }
        await rm(join(before, 'config', 'swing-store'), { recursive: true });
        await expectRefusal(
          t,
          ['bridge', 'replay', trace, '--vm', '--home', before],
          /--home: the genesis needs the kernel's store, exported, in .*swing-store: /,
        );
      });
    },
  );
}

/** The first block of a chain, by its genesis. */
async function initialHeight(home: string): Promise<number> {
  const genesis = await readJson<Genesis>(home, 'config', 'genesis.json');
  return genesis.initial_height;
}

test('traces that cannot be compared are refused in one line', async (t) => {
  await withTempDir(async (dir) => {
    const [cut, empty] = [join(dir, 'cut.jsonl'), join(dir, 'empty.jsonl')];
    await writeFile(
      cut,
      '{"time":"2026-01-02T03:04:05Z","head":{"trace":9}}\n',
    );
    await writeFile(empty, '');
    const command = ['bridge', 'diff'];
    await expectRefusal(t, [...command, cut], /expected A B, got 1 argument/);
    await expectRefusal(t, [...command, '-', '-'], /only one of the traces/);
    await expectRefusal(
      t,
      [...command, empty, cut],
      /cut\.jsonl:1: a trace of format 9: this agd reads format 1/,
    );
    await expectRefusal(
      t,
      [...command, empty, empty],
      /the traces have no block in common: .*empty\.jsonl has none/,
    );
    await expectRefusal(
      t,
      [...command, empty, join(dir, 'absent')],
      /open .*absent: no such file/,
    );
  });
});

test('a replay that cannot be made is refused in one line', async (t) => {
  await withTempDir(async (dir) => {
    const file = join(dir, 'trace.jsonl');
    await writeFile(file, '');
    const command = ['bridge', 'replay'];
    await expectRefusal(
      t,
      [...command, file],
      /name the side to play to: --vm or --chain/,
    );
    await expectRefusal(
      t,
      [...command, file, '--vm', '--chain'],
      /--vm and --chain exclude each other: run agd bridge replay twice/,
    );
    await expectRefusal(
      t,
      command,
      /expected FILE \(--vm \| --chain\), got 0 arguments/,
    );
    await expectRefusal(
      t,
      [...command, file, '--vm'],
      /trace\.jsonl has no block action: there is nothing to replay/,
    );
    await expectRefusal(
      t,
      [...command, file, '--vm', '--to=-1'],
      /--to must not be negative/,
    );
    await expectRefusal(
      t,
      [...command, file, '--vm', '--from', '3', '--to', '2'],
      /--to 2 is before --from 3/,
    );
    await expectRefusal(
      t,
      [...command, file, '--chain'],
      /--chain needs the blocks of the recorded node: name its home directory with --home/,
    );
    await expectRefusal(
      t,
      [...command, file, '--chain', '--vm-inspect'],
      /--vm-inspect is for --vm: with --chain there is no VM/,
    );
    await expectRefusal(
      t,
      [...command, file, '--chain', '--in-process'],
      /--in-process is for --vm: with --chain there is no VM/,
    );
    await expectRefusal(
      t,
      [...command, file, '--chain', '--all'],
      /--all is for --vm: with --chain the first difference ends the replay/,
    );
    await expectRefusal(
      t,
      [...command, file, '--vm', '--in-process', '--jail=off'],
      /--jail is for a VM that is a process of its own: leave out --in-process/,
    );
    await expectRefusal(
      t,
      [...command, file, '--chain', '--home', join(dir, 'none')],
      /--home: .*none is not a node's home directory/,
    );
    await expectRefusal(
      t,
      [...command, file, '--vm', '--home', join(dir, 'none')],
      /--home: .*none has no kernel's store/,
    );

    // The home of another chain.
    const frames = [
      ['bridge.Handshake', {}, {}],
      ['swingset.Init', { chainID: 'a', blockHeight: 1 }, true],
    ] as const;
    const time = '2026-01-02T03:04:05Z';
    const lines = frames.flatMap(([method, param, result]) => [
      { time, from: 'agd', frame: { id: 1, method, params: [param] } },
      { time, from: 'agvm', frame: { id: 1, result, error: null } },
    ]);
    const init = join(dir, 'init.jsonl');
    await writeFile(init, lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
    const b = join(dir, 'b');
    await mkdir(join(b, 'data', 'agoric'), { recursive: true });
    await mkdir(join(b, 'config'));
    await writeFile(join(b, 'data', 'agoric', 'swingstore.sqlite'), '');
    await writeFile(join(b, 'config', 'genesis.json'), '{"chain_id":"b"}');
    await expectRefusal(
      t,
      [...command, init, '--vm', '--home', b],
      /line 3 of the trace: the trace is of chain "a", and .* is of chain "b": name the home directory of the recorded node with --home/,
    );
    t.deepEqual(await leftovers(dir), []);
  });
});
