// What reads traces keeps only a part of them in memory: the length of a trace
// does not matter. TRACE_BYTES is the length.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { withTempDir } from '../support/homes.js';
import { agd } from '../support/paths.js';

const bytes = Number(process.env['TRACE_BYTES'] ?? 2e9);
const vm = fileURLToPath(
  new URL('../lifecycle/fixture-failing-vm.ts', import.meta.url),
);

/** A page keeps at most 64 MiB of frames, in a buffer that doubles as it grows. */
const BOUND = 400 * 2 ** 20;

/** The lines of a trace whose block actions have large params. */
function* lines(): Generator<string> {
  const fill = 'x'.repeat(100_000);
  const time = '2026-01-02T03:04:05Z';
  const call = (method: string, params: object, result: string): string =>
    `${JSON.stringify({ time, from: 'agd', frame: { id: 1, method, params: [params] } })}
{"time":"${time}","from":"agvm","frame":{"id":1,"result":${result},"error":null}}
`;
  yield call('bridge.Handshake', {}, '{}');
  yield call('swingset.Init', { blockHeight: 0 }, 'true');
  let written = 0;
  for (let blockHeight = 1; written < bytes; blockHeight += 1) {
    const block = ['Begin', 'End', 'Commit', 'AfterCommit']
      .map((name) =>
        call(`swingset.${name}Block`, { blockHeight, fill }, 'null'),
      )
      .join('');
    written += block.length;
    yield block;
  }
}

const commands: readonly (readonly string[])[] = [
  ['trace', '-', '--width', '80'],
  ['trace', '-', '--redact', '/dev/null'],
  ['trace', '-', '--perfetto', '/dev/null'],
  ['trace', '-', '--html', '/dev/null'],
  ['replay', '-', '--vm', '--split-vm', vm, '--jail=off'],
];

for (const command of commands) {
  const named = command.slice(0, 3).join(' ');
  test.serial(
    `agd bridge ${named} reads ${(bytes / 1e9).toFixed(1)} GB with flat memory`,
    async (t) => {
      t.timeout(60 * 60_000);
      await withTempDir(async (dir) => {
        const child = spawn(agd, ['bridge', ...command], {
          stdio: ['pipe', 'ignore', 'pipe'],
          env: {
            ...process.env,
            TMPDIR: dir,
            NODE_OPTIONS: `--import=${import.meta.resolve('tsx')}`,
          },
        });
        t.teardown(() => child.kill('SIGKILL'));
        const ended = once(child, 'exit');
        const stderr = text(child.stderr);
        const source = Readable.from(lines(), { objectMode: false });
        source.pipe(child.stdin, { end: false });
        await Promise.race([once(source, 'end'), ended]);
        // All but a pipe's content is read.
        const status = join('/proc', String(child.pid), 'status');
        const peak =
          1024 *
          Number(
            /^VmHWM:\s+(\d+) kB/m.exec(await readFile(status, 'utf8'))?.[1],
          );
        child.stdin.end();
        const [code] = (await ended) as [number | null];
        t.is(code, 0, (await stderr).slice(-2000));
        t.log(`${(peak / 2 ** 20).toFixed(0)} MiB`);
        t.true(peak < BOUND, `${(peak / 2 ** 20).toFixed(0)} MiB`);
      });
    },
  );
}
