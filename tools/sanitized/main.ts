/**
 * Runs ava, with these arguments, on the addon's binary for AddressSanitizer
 * and UndefinedBehaviorSanitizer (the Debug configuration of its binding.gyp),
 * with LeakSanitizer at the end of every process.
 *
 * Node and Go are not instrumented: their own memory errors are not detected.
 * Node leaks memory at exit, so a leak alone does not fail a process: the
 * reports are parsed here, and those that concern the addon are failures.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { faults } from './reports.js';

const root = join(import.meta.dirname, '..', '..');
const reports = mkdtempSync(join(tmpdir(), 'sanitized-'));
const runtime = execFileSync('gcc', ['-print-file-name=libasan.so'], {
  encoding: 'utf8',
}).trim();

const child = spawn(
  process.execPath,
  [join(root, 'node_modules/ava/entrypoints/cli.js'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      // The sanitizer's runtime must be loaded first in a process that is not
      // built with it.
      LD_PRELOAD: runtime,
      NODE_OPTIONS: '--conditions=sanitized',
      // The jail would block both in the VM.
      AGD_JAIL: 'off',
      ASAN_OPTIONS: `detect_leaks=1:quarantine_size_mb=8:log_path=${join(reports, 'report')}`,
      LSAN_OPTIONS: 'exitcode=0:print_suppressions=0',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
);
const [code] = (await once(child, 'exit')) as [number | null];

const files = readdirSync(reports).map((name) => join(reports, name));
const found = files.flatMap((file) => faults(readFileSync(file, 'utf8')));
rmSync(reports, { recursive: true });
for (const fault of found) console.log(`\nnot ok - sanitizer\n${fault}`);
process.exitCode = found.length > 0 ? 1 : (code ?? 1);
