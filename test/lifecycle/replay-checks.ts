import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

import type { ExecutionContext } from 'ava';

import { cellsOf, noBrowser, withPage } from '../support/browser.js';
import { runAgd } from '../support/node.js';
import { agd } from '../support/paths.js';
import { outcomeOf, type Outcome } from '../support/process.js';

/** Runs `agd bridge` with its temporary files below a directory. */
export const bridge = async (
  dir: string,
  ...args: readonly string[]
): Promise<Outcome> =>
  outcomeOf(agd, ['bridge', ...args], { ...process.env, TMPDIR: dir });

/** Runs `agd bridge replay` likewise. */
export const replay = async (
  dir: string,
  ...args: readonly string[]
): Promise<Outcome> => bridge(dir, 'replay', ...args);

/** What the test reads of `agd bridge replay --chain --json`. */
interface ChainReport {
  readonly same: boolean;
  readonly first: number;
  readonly last: number;
  readonly appHashes: number;
  readonly downcalls: number;
  readonly times: readonly { method: string; replayedMs: number }[];
}

/** A chain alone does what the trace has, in all of it and in a part. */
export async function chainDoesTheSame(
  t: ExecutionContext,
  dir: string,
  trace: string,
  home: string,
): Promise<void> {
  const replayed = async (...more: readonly string[]): Promise<ChainReport> => {
    const args = [trace, '--chain', '--home', home, '--json', ...more];
    const { exit, stdout, stderr } = await replay(dir, ...args);
    t.deepEqual(exit, { code: 0, signal: null }, stderr);
    return JSON.parse(stdout) as ChainReport;
  };
  const html = join(dir, 'chain.html');
  const report = await replayed('--html', html);
  t.true(report.same);
  // CometBFT may not have the last one yet.
  t.true(report.appHashes >= report.last - report.first);
  t.true(report.downcalls > 5 && report.last > report.first);
  const store = 'swingset.CommitBlock → swingset.AfterCommitBlock';
  const times = new Map(report.times.map((e) => [e.method, e.replayedMs]));
  for (const name of [store, 'vstorage.Get']) {
    t.true((times.get(name) ?? 0) > 0, name);
  }
  await isOnPage(t, html, report, store);
  t.deepEqual(await leftovers(dir), []);

  const from = report.first + 1;
  const part = await replayed('--from', String(from), '--to', String(from));
  t.deepEqual(
    [part.same, part.first, part.last, part.appHashes],
    [true, from, from, 1],
  );
}

/**
 * The page of a replay has a block for each of the report, with phases and
 * downcalls. Without a browser nothing is checked.
 */
export async function isOnPage(
  t: ExecutionContext,
  html: string,
  report: { readonly first: number; readonly last: number },
  phase: string,
): Promise<void> {
  if (noBrowser(process.env) !== undefined) return;
  await withPage(html, async ({ page, errors, requests }) => {
    const { first, last } = report;
    t.regex(
      await page.locator('.lead').innerText(),
      new RegExp(`did the same: blocks ${String(first)} to ${String(last)},`),
    );
    t.is(await page.locator('#difference').count(), 0);
    const phases = await cellsOf(page, '#phases');
    const times = phases.find(([name]) => name === phase);
    t.true(Number(times?.[1]) >= last - first, String(times));
    const methods = await cellsOf(page, '#methods');
    t.true(
      methods.some(([name]) => name === 'vstorage.Get'),
      String(methods),
    );
    await page.locator('#block').fill(String(first));
    await page.locator('#block').press('Enter');
    const block = await cellsOf(page, '#ofblock');
    t.true(
      block.some(([name]) => name === phase),
      String(block),
    );
    t.deepEqual(errors, []);
    t.is(requests.length, 1, 'it loads nothing');
  });
}

/** A trace in which one downcall or one answer is another one, and its line. */
async function altered(
  file: string,
  trace: string,
  is: (line: string) => boolean,
  edit: readonly [from: string | RegExp, to: string],
): Promise<number> {
  const lines = (await readFile(trace, 'utf8')).split('\n');
  const line = lines.findIndex(is);
  lines[line] = (lines[line] ?? '').replace(...edit);
  await writeFile(file, lines.join('\n'));
  return line + 1;
}

/** A chain alone differs from a trace with another answer, and from one with another write. */
export async function chainDiffers(
  t: ExecutionContext,
  dir: string,
  trace: string,
  home: string,
): Promise<void> {
  const other = join(dir, 'altered.jsonl');
  const differs = async (line: number, title: RegExp): Promise<string> => {
    const found = await replay(dir, other, '--chain', '--home', home);
    t.deepEqual(found.exit, { code: 1, signal: null }, found.stderr);
    const where = `altered\\.jsonl:${String(line)}`;
    const reason = 'the chain differs from the trace in block \\d+';
    t.regex(found.stderr, new RegExp(`^agd: .*${where}: ${reason}$`, 'm'));
    t.regex(found.stdout, title);
    return found.stdout;
  };
  const setting = (line: string): boolean =>
    line.includes('"vstorage.Set') && line.includes('published.wallet');
  const write = ['\\"actions', '\\"acts'] as const;

  // The next answer after the vat's write.
  let seen = false;
  const answer = (line: string): boolean => {
    seen ||= setting(line);
    return seen && line.includes('"from":"agd"') && line.includes('"result"');
  };
  const line = await altered(other, trace, answer, [
    /"result":.*,"error"/,
    '"result":"other","error"',
  ]);
  const text = await differs(
    line,
    new RegExp(
      `^block \\d+, swingset\\.EndBlock: the chain does not do what line \\d+ of the trace says$`,
      'm',
    ),
  );
  t.regex(text, /^ {2}expected .*→ "other"$/m);

  await altered(other, trace, setting, write);
  const found = await replay(dir, other, '--chain', '--home', home);
  t.deepEqual(found.exit, { code: 1, signal: null }, found.stderr);
  t.regex(found.stdout, /^block \d+: the chain's app hash is not the node's/m);
  t.regex(found.stdout, /^ {2}expected app hash [0-9a-f]{64}$/m);
  t.deepEqual(await leftovers(dir), []);
}

/** What the test reads of `agd bridge replay --all --json`. */
interface AllDifferences {
  readonly same: boolean;
  readonly last: number;
  readonly difference: { readonly line: number };
  readonly all: {
    readonly blocks: number;
    readonly equalBlocks: number;
    readonly differingBlocks: number;
    readonly methods: readonly object[];
    readonly ports: readonly {
      readonly port: string;
      readonly what: string;
      readonly shown: readonly { readonly line: number }[];
    }[];
    readonly stopped: string;
  };
}

/**
 * With --all a VM alone, in each mode, goes on after the differences from a
 * trace: a text of a vat's write at a line, and besides the result of each
 * END_BLOCK of a later block.
 */
export async function allDiffer(
  t: ExecutionContext,
  dir: string,
  trace: string,
  home: string,
  line: number,
): Promise<void> {
  // The last END_BLOCK returned something else.
  const lines = (await readFile(trace, 'utf8')).split('\n');
  const call = lines.findLastIndex((each) =>
    each.includes('"swingset.EndBlock"'),
  );
  const id = /"id":(\d+)/.exec(lines[call] ?? '')?.[1] ?? '';
  const at = lines.findIndex(
    (each, i) =>
      i > call &&
      each.includes('"from":"agvm"') &&
      each.includes(`"id":${id},"result"`),
  );
  lines[at] = (lines[at] ?? '').replace(/"result":.*,"error"/, () => {
    return '"result":"other","error"';
  });
  const other = join(dir, 'all.jsonl');
  await writeFile(other, lines.join('\n'));
  const args = [other, '--vm', '--home', home, '--all'];
  for (const mode of [[], ['--in-process']]) {
    const found = await replay(dir, ...args, ...mode, '--json');
    t.deepEqual(found.exit, { code: 1, signal: null }, found.stderr);
    const { difference, all } = JSON.parse(found.stdout) as AllDifferences;
    t.is(difference.line, line);
    t.is(all.stopped, '');
    t.true(all.differingBlocks === 2 && all.equalBlocks > 0, found.stdout);
    t.is(all.blocks, all.equalBlocks + all.differingBlocks);
    t.deepEqual(
      all.ports.map(({ port, what, shown }) => [port, what, shown[0]?.line]),
      [
        ['vstorage', 'downcalls', line],
        ['', 'response', call + 1],
      ],
    );
    t.is(all.methods.length, 2);
  }
  const text = await replay(dir, ...args);
  t.deepEqual(text.exit, { code: 1, signal: null });
  t.regex(
    text.stderr,
    new RegExp(`^agd: .*all\\.jsonl:${String(line)}: the kernel differs`, 'm'),
  );
  t.regex(
    text.stdout,
    /^block \d+, swingset\.EndBlock, port vstorage: 1 of \d+ downcalls differ$/m,
  );
  t.regex(
    text.stdout,
    /^block \d+, swingset\.EndBlock: the response differs$/m,
  );
  t.regex(text.stdout, /^vstorage +vstorage\.Set\S* +1 +0 +0 +0$/m);
  t.regex(text.stdout, /^upcall +swingset\.EndBlock +1 +0 +0 +0$/m);
  t.regex(text.stdout, /^2 of \d+ blocks differ, \d+ are equal$/m);
  t.deepEqual(await leftovers(dir), []);
}

/** A redacted trace has no text of the trace, can be compared and drawn, and is not replayed. */
export async function canBeShared(
  t: ExecutionContext,
  dir: string,
  trace: string,
  secrets: readonly string[],
): Promise<void> {
  const redacted = async (name: string, key: string): Promise<string> => {
    const out = join(dir, name);
    const args = ['trace', trace, '--redact', out, '--redact-key', key];
    const { exit, stderr } = await bridge(dir, ...args);
    t.deepEqual([exit, stderr], [{ code: 0, signal: null }, '']);
    return out;
  };
  const shared = await redacted('shared.jsonl.zst', 'key');
  const text = zstdDecompressSync(await readFile(shared)).toString();
  const plain = await readFile(trace, 'utf8');
  for (const secret of secrets) {
    t.true(plain.includes(secret), secret);
    t.false(text.includes(secret), secret);
  }
  const again = await redacted('again.jsonl', 'key');
  const same = await bridge(dir, 'diff', shared, again);
  t.deepEqual(same.exit, { code: 0, signal: null }, same.stderr);
  const other = await redacted('other-key.jsonl', 'other key');
  const differs = await bridge(dir, 'diff', shared, other);
  t.deepEqual(differs.exit, { code: 1, signal: null });
  const page = join(dir, 'shared.html');
  const drawn = await bridge(dir, 'trace', shared, '--html', page);
  t.deepEqual(drawn.exit, { code: 0, signal: null }, drawn.stderr);
  for (const side of [['--vm'], ['--chain', '--home', join(dir, 'home')]]) {
    const refused = await replay(dir, shared, ...side);
    t.deepEqual(refused.exit, { code: 1, signal: null });
    t.regex(
      refused.stderr,
      /^agd: .*shared\.jsonl\.zst:1: this trace is redacted: it lacks the texts that a replay needs: replay the trace that it was made from$/m,
    );
  }
}

/** An event of the Trace Event format. */
interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  readonly ph: string;
  readonly ts: number;
  /** Of a span. */
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
}

/** The time line has blocks with their upcalls, downcalls and the kernel's deliveries. */
export async function isDrawn(
  t: ExecutionContext,
  trace: string,
  slog: string,
): Promise<void> {
  const out = join(dirname(trace), 'timeline.json');
  await runAgd(trace, [
    ...['bridge', 'trace', trace, '--perfetto', out, '--slog', slog],
  ]);
  const text = await readFile(out, 'utf8');
  const { traceEvents } = JSON.parse(text) as { traceEvents: TraceEvent[] };
  const spans = traceEvents.filter(({ ph }) => ph === 'X');
  for (const { dur, ts } of spans) t.true(dur >= 0 && ts > 0);
  const inside = (inner: TraceEvent, outer: TraceEvent): boolean =>
    outer.ts <= inner.ts + 1 &&
    inner.ts + inner.dur <= outer.ts + outer.dur + 1;
  const of = (category: string): TraceEvent[] =>
    spans.filter(({ cat }) => cat === category);
  const blocks = of('block');
  t.true(blocks.length > 1);
  for (const block of blocks) {
    const within = of('upcall').filter((each) => inside(each, block));
    t.is(within.length, 4, block.name);
    for (const up of within) t.is(up.pid, 2);
  }
  t.true(of('downcall').length > 10);
  t.true(of('delivery').length > 0, 'the kernel delivered something');
}

export const leftovers = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter((name) => name.startsWith('agd-replay-'));
