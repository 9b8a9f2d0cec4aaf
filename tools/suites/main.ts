import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { suites, type Suite } from './suites.js';

/**
 * Runs the suites of a group (`lint`, `go`, `ts`, `long`) or `all` but the long
 * ones, shows failures, and ends with a one-line summary. Suites that share the
 * machine run two at a time, all others alone. A second argument is a part of
 * the names of the suites to run.
 *
 * At the time in `AGD_TEST_UNTIL`, in seconds since 1970, a suite that runs is
 * ended and no other begins; the lines before the summary name them. A CI with a
 * time limit then still reports all that ran.
 */
interface Tally {
  passed: number;
  failed: number;
}

/** Linters share, and tests that mostly wait. */
const shares = (suite: Suite): boolean =>
  suite.group === 'lint' || suite.shares === true;

const root = join(import.meta.dirname, '..', '..');

/** When the time for all suites is over, in ms since 1970. */
const until = process.env['AGD_TEST_UNTIL']
  ? Number(process.env['AGD_TEST_UNTIL']) * 1000
  : Infinity;
if (Number.isNaN(until)) {
  console.error('suites: AGD_TEST_UNTIL is no number of seconds since 1970');
  process.exit(2);
}

/** From a suite's SIGTERM to its SIGKILL, in ms. */
const GRACE = 10_000;

/** What is said at the end of suites that had no time. */
const unfinished: string[] = [];

async function runSuite(suite: Suite): Promise<Tally> {
  const started = Date.now();
  const tally: Tally = { passed: 0, failed: 0 };
  const { log, finish } = shares(suite) ? later() : atOnce;
  log(`==> ${suite.name}`);
  const [file, ...args] = suite.command;
  const child = spawn(file, args, {
    cwd: join(root, suite.cwd ?? '.'),
    env: { ...process.env, ...suite.env },
    stdio: ['ignore', 'pipe', shares(suite) ? 'pipe' : 'inherit'],
    detached: until < Infinity, // to end all of its processes
  });
  if (!child.stdout) throw new Error('no standard output');
  const late = endAt(until, child);
  if (child.stderr) createInterface({ input: child.stderr }).on('line', log);
  const read = readers[suite.counts](tally, log);
  createInterface({ input: child.stdout }).on('line', read);
  const code = await new Promise<number>((resolve) => {
    child.once('close', (exit) => {
      resolve(exit ?? 1);
    });
  });
  if (late()) {
    log(`    ${suite.name}: ended, because the time for all suites was over`);
    unfinished.push(`${suite.name} (ended)`);
  } else if (suite.counts === 'command') {
    tally[code === 0 ? 'passed' : 'failed'] += 1;
  } else if (code !== 0 && tally.failed === 0) {
    log(`not ok - ${suite.name} ended with exit code ${String(code)}`);
    tally.failed += 1;
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  log(
    `    ${suite.name}: ${String(tally.passed)} passed, ${String(tally.failed)} failed (${seconds} s)`,
  );
  finish();
  return tally;
}

/**
 * Ends a suite, with its process group, at a time in ms since 1970. The result
 * tells whether it had to.
 */
function endAt(time: number, child: ChildProcess): () => boolean {
  let late = false;
  if (time === Infinity) return () => late;
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // All of them have ended.
    }
  };
  const timer = setTimeout(() => {
    late = true;
    signal('SIGTERM');
    // What the suite leaves behind may keep its pipes open.
    child.stdout?.destroy();
    child.stderr?.destroy();
    setTimeout(signal, GRACE, 'SIGKILL').unref();
  }, time - Date.now());
  child.once('exit', () => {
    clearTimeout(timer);
  });
  return () => late;
}

/** Destination of a suite's output lines. */
interface Output {
  readonly log: (line: string) => void;
  readonly finish: () => void;
}

const atOnce: Output = {
  log: (line) => {
    console.log(line);
  },
  finish: () => undefined,
};

/** Buffers the lines, because other suites run at the same time. */
function later(): Output {
  const lines: string[] = [];
  return {
    log: (line) => lines.push(line),
    finish: () => {
      console.log(lines.join('\n'));
    },
  };
}

/** Parsers of a suite's output, line by line. */
const readers: Record<
  Suite['counts'],
  (tally: Tally, log: Output['log']) => (line: string) => void
> = {
  command: (_tally, log) => log,
  // AVA's own form: its TAP reporter ends with a TypeError when a test takes too
  // long, without the test's name (AVA 8.0.1 to 8.1.2).
  ava: (tally, log) => (line) => {
    if (/^ {2}[✔√] /.test(line)) {
      tally.passed += 1;
      return;
    }
    if (/^ {2}[✘×] \[\w+\]: |^ {2}◌ /.test(line)) tally.failed += 1;
    if (!/^\s*(─|\d+ tests? passed)?$|^ {2}- \[(skip|todo)\] /.test(line))
      log(line);
  },
  'go-json': (tally, log) => {
    const output = new Map<string, string[]>();
    return (line) => {
      const event = parseGoEvent(line);
      if (!event) {
        log(line);
        return;
      }
      const key = `${event.Package ?? event.ImportPath ?? ''} ${event.Test ?? ''}`;
      const lines = output.get(key) ?? [];
      output.set(key, lines);
      if (event.Output !== undefined) lines.push(event.Output);
      if (event.Action === 'pass' && event.Test) tally.passed += 1;
      if (event.Action === 'fail' || event.Action === 'build-fail') {
        if (event.Test) tally.failed += 1;
        log(lines.join(''));
      }
    };
  },
};

interface GoEvent {
  readonly Action?: string;
  readonly Package?: string;
  readonly ImportPath?: string;
  readonly Test?: string;
  readonly Output?: string;
}

function parseGoEvent(line: string): GoEvent | undefined {
  try {
    return JSON.parse(line) as GoEvent;
  } catch {
    return undefined;
  }
}

const [group = 'all', part = ''] = process.argv.slice(2);
const ofGroup = suites.filter(
  ({ group: own }) => own === group || (group === 'all' && own !== 'long'),
);
if (ofGroup.length === 0) {
  console.error(
    `suites: there is no group ${JSON.stringify(group)}: use all, lint, go, ts or long`,
  );
  process.exit(2);
}
const chosen = ofGroup.filter(({ name }) => name.includes(part));
if (chosen.length === 0) {
  const names = ofGroup.map(({ name }) => `  ${name}`);
  console.error(
    `suites: no suite of ${group} has ${JSON.stringify(part)} in its name:\n${names.join('\n')}`,
  );
  process.exit(2);
}
const total: Tally = { passed: 0, failed: 0 };

/** Groups consecutive suites that share the machine, or do not. */
function blocksOf(queue: readonly Suite[]): (readonly [Suite, ...Suite[]])[] {
  const blocks: [Suite, ...Suite[]][] = [];
  for (const suite of queue) {
    const block = blocks.at(-1);
    if (block && shares(block[0]) === shares(suite)) block.push(suite);
    else blocks.push([suite]);
  }
  return blocks;
}

/** Runs suites in order, `lanes` at a time. */
async function runAll(queue: readonly Suite[], lanes: number): Promise<void> {
  const next = queue.values();
  const lane = async (): Promise<void> => {
    for (const suite of next) {
      if (Date.now() >= until) {
        unfinished.push(suite.name);
        continue;
      }
      const tally = await runSuite(suite);
      total.passed += tally.passed;
      total.failed += tally.failed;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

for (const block of blocksOf(chosen)) {
  await runAll(block, shares(block[0]) ? 2 : 1);
}
if (unfinished.length > 0) {
  console.log(`no time was left for: ${unfinished.join(', ')}`);
}
console.log(`${String(total.passed)} passed, ${String(total.failed)} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
