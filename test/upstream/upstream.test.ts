import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import { descendants, isWorker, processes } from '../support/process.js';
import {
  finish,
  start,
  type Answer,
  type Frame,
  type Report,
  type Run,
  type Traced,
} from './run.js';

/*
 * agvm under a peer that is made of nothing but Go's own library, and speaks
 * upstream's dialect (docs/protocol.md, "Upstream dialect").
 */

/** Maximum time for agvm to exit, in ms; after it upstream sends a signal. */
const patience = 3000;

const dir = mkdtempSync(join(tmpdir(), 'upstream-'));
const runs: Run[] = [];

/** The last block of the scenario `blocks`, from which all others continue. */
const booted = 5;
let blocks: { run: Run; report: Report<{ exportFiles: string[] }> };

function begin(
  scenario: string,
  home = scenario,
  height = booted,
  env: NodeJS.ProcessEnv = {},
): Run {
  if (height === booted) {
    cpSync(join(dir, 'booted'), join(dir, home), { recursive: true });
  }
  const run = start(scenario, dir, home, height, { env });
  runs.push(run);
  return run;
}

/** The frames of one direction. */
const framesTo = (to: Traced['to'], trace: readonly Traced[]): Frame[] =>
  trace.filter((traced) => traced.to === to).map(({ frame }) => frame);

const isResponse = ({ method }: Frame) => method === undefined;

test.before(async () => {
  const run = begin('blocks', 'booted', 0);
  blocks = { run, report: await finish(run) };
});

test.after.always(async () => {
  for (const run of runs) await run.process.kill();
  rmSync(dir, { recursive: true, force: true });
});

test("the real kernel runs blocks; its vat's text is in storage, and the action queue is empty", (t) => {
  const { report, run } = blocks;
  t.deepEqual(report.storage, {
    'published.bank.agoric1alice': '{"ubld":"500","uist":"5"}',
    'published.bank.agoric1bob': '{"uist":"5000"}',
  });
  t.true(report.exported > 0);
  t.true(report.findings.exportFiles.includes('export-manifest.json'));
  t.false(existsSync(run.defaultHome), 'the last --home counts');
});

test('every downcall is served while an upcall is pending, some while two are', (t) => {
  const { downcalls } = blocks.report;
  const count = (matches: (row: (typeof downcalls)[number]) => boolean) =>
    downcalls.filter(matches).reduce((sum, { count: some }) => sum + some, 0);
  t.true(count(({ port }) => port === 'storage') > 0);
  t.true(count(({ port }) => port === 'swingset') > 0);
  t.is(
    count(({ method }) => method === 'VBANK_GET_BALANCE'),
    3 * booted,
    'one for each action',
  );
  t.is(
    count(({ during }) => during === ''),
    0,
  );
  t.true(count(({ during }) => during.includes('+')) > 0);
});

test("the wire carries upstream's dialect: no handshake, ids from 0, results that are strings", (t) => {
  const trace = blocks.run.trace();
  const [toAgvm, toAgd] = [framesTo('agvm', trace), framesTo('agd', trace)];
  t.is(trace[0]?.to, 'agvm', 'agvm does not speak first');

  const upcalls = toAgvm.filter((frame) => !isResponse(frame));
  t.deepEqual(methodsOf(upcalls), ['agvm.ReceiveMessage']);
  t.deepEqual(
    upcalls.map(({ id }) => id),
    [...upcalls.keys()],
  );

  const downcalls = toAgd.filter((frame) => !isResponse(frame));
  t.deepEqual(methodsOf(downcalls), ['agd.ReceiveMessage']);
  const messages = downcalls.map(({ params }) => params?.[0]);
  t.true(messages.every((message) => message?.NeedsReply));
  const ports = new Set(messages.map((message) => message?.Port));
  t.deepEqual([...ports].sort(), [11, 12, 13], "INIT's");

  const answers = toAgd.filter(isResponse);
  t.is(answers.length, upcalls.length);
  for (const { id, result, error, ...others } of answers) {
    t.is(typeof result, 'string', String(id));
    t.deepEqual([error, others], [null, {}]);
  }
});

test('at end-of-file agvm ends by itself, with 0 and without leaving a worker', async (t) => {
  const { ending, workers } = blocks.report;
  t.like(ending, { exitCode: 0, signalled: false });
  t.true(ending.millis < patience, `${String(ending.millis)} ms`);
  t.true(workers !== null && workers.length > 0);
  await t.notThrowsAsync(gone(workers ?? []));
});

test.serial(
  'failed upcalls return a string without a stack; a refused downcall reaches the vat; the VM continues',
  async (t) => {
    const run = begin('failures');
    const { findings, storage, ending } = await finish<{
      answers: Record<string, Answer>;
    }>(run);
    const { answers } = findings;
    const unneeded = 'unknown action, reply not needed';
    t.deepEqual(answers[unneeded], { reply: '', error: null, remote: false });
    const expected = {
      'too early': /^Swingset not initialized$/,
      'unknown action': /^Unrecognized action \(an object\); are you sure/,
      'unknown port': /^invalid requested port 99$/,
      'no JSON': /JSON/,
      'unknown method': /^unknown method "agvm\.NoSuchMethod"$/,
    };
    t.deepEqual(
      Object.keys(answers).sort(),
      [...Object.keys(expected), unneeded].sort(),
    );
    for (const [upcall, message] of Object.entries(expected)) {
      const { error = null, remote } = answers[upcall] ?? {};
      t.regex(error ?? '', message);
      t.notRegex(error ?? '', /\n|\bat \S+:\d/);
      t.true(remote);
    }

    const trace = run.trace();
    const errors = trace
      .map(({ frame }) => frame)
      .filter(({ error }) => error != null);
    t.is(errors.length, Object.keys(expected).length + 1);
    for (const { error, result } of errors) {
      t.deepEqual([typeof error, result], ['string', null]);
    }

    // The VM was blocked in this downcall when it was sent more upcalls.
    const reads = trace.findIndex(({ to, frame }) =>
      Boolean(to === 'agd' && frame.params?.[0].Data.includes('"interleaved"')),
    );
    const meanwhile = framesTo('agvm', trace.slice(reads)).slice(0, 5);
    t.deepEqual(meanwhile.map(isResponse), [false, false, false, false, true]);
    t.is(meanwhile[4]?.id, trace[reads]?.frame.id);

    // SwingSet's capdata, in the record of the vat's call of the bridge device.
    const answer = JSON.stringify({ error: 'bank: no "such" denom' });
    const record = JSON.stringify({ body: `#${answer}`, slots: [] });
    t.true(run.slog().includes(`["ok",${record}]`));
    t.deepEqual(storage, {
      'published.bank.agoric1alice': '{"uist":"3"}',
      'published.bank.agoric1bob': '{"interleaved":"2"}',
    });
    t.like(ending, { exitCode: 0, signalled: false });
  },
);

/** What agvm itself printed to standard error. */
const ownLines = (run: Run) =>
  run.process.stderr.filter((line) => line.startsWith('agvm:'));

for (const [scenario, when] of [
  ['garbage', 'before INIT'],
  ['garbled', "in place of a downcall's response"],
] as const) {
  test.serial(
    `an invalid frame ${when} ends agvm with exit code 1 and one line with the reason`,
    async (t) => {
      const run = begin(scenario);
      const { findings, ending } = await finish<{ afterwards: Answer }>(run);
      t.false(findings.afterwards.remote);
      t.regex(findings.afterwards.error ?? '', /EOF|shut down|pipe/);
      t.like(ending, { exitCode: 1, signalled: false });
      const lines = ownLines(run);
      t.is(lines.length, 1, lines.join('\n'));
      t.regex(lines[0] ?? '', /from agd: byte \d+: expected /);
    },
  );
}

test.serial(
  "a downcall over this node's limit ends agvm with one line, which does not say that agd is gone",
  async (t) => {
    const run = begin('idle', 'limited', booted, {
      AGVM_LIMITS: '{"maxFrameBytes":1200}',
    });
    await run.process.exited;
    const lines = ownLines(run);
    t.is(lines.length, 1, lines.join('\n'));
    t.regex(lines[0] ?? '', /^agvm: agd\.ReceiveMessage: .*maxFrameBytes/);
  },
);

for (const [scenario, when] of [
  ['idle', 'between blocks'],
  ['unanswered', 'while the kernel waits for a downcall'],
] as const) {
  test.serial(`kill -9 of agd ${when} ends agvm and its workers`, async (t) => {
    const run = begin(scenario);
    await run.process.line(
      (line) => line === 'ready to be killed' || undefined,
    );
    const rows = descendants(run.process.pid);
    const args = ['--home', run.defaultHome, ...run.args].join(' ');
    t.is(rows.filter(({ command }) => command.endsWith(args)).length, 1);
    t.true(rows.some(({ command }) => isWorker(command)));
    const start = Date.now();
    run.process.signal('SIGKILL');
    const { signal } = await run.process.exited;
    t.is(signal, 'SIGKILL');
    await t.notThrowsAsync(gone(rows.map(({ pid }) => pid)));
    t.true(Date.now() - start < patience);
  });
}

function methodsOf(frames: readonly Frame[]) {
  return [...new Set(frames.map(({ method }) => method))];
}

/** Resolves when the processes have ended. */
async function gone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + patience;
  const left = () =>
    processes().filter(({ pid, state }) => pids.includes(pid) && state !== 'Z');
  while (left().length > 0) {
    if (Date.now() > deadline) {
      throw new Error(`they live on: ${JSON.stringify(left())}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
