// The kernel's own options, log and metrics, as in any node of Agoric's.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/ab';
import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd } from '../support/node.js';

interface Entry {
  readonly type: string;
  readonly blockHeight?: number;
  readonly vatID?: string;
}

/** What the kernel's slog file says. */
async function slogOf(file: string): Promise<Entry[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
}

for (const mode of modes) {
  test.serial(
    `${mode}: the kernel takes the options of [swingset], writes its slog file, and serves its metrics`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        await runAgd(home, [
          ...['config', 'set', 'app', 'swingset.slogfile', 'data/slog.jsonl'],
          ...['swingset.vat-transcript-retention', 'archival'],
          ...['swingset.vat-transcript-archive-dir', 'transcripts'],
        ]);
        const [metrics = 0] = await freePorts(1);
        const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(metrics) };
        const ports = await nodePorts();
        const node = new AgdNode({ home, mode, ports, env });
        try {
          await node.pids();
          const wallet = ['swingset', 'wallet-action', '1', '--from', 'bob'];
          const height = await node.tx(...wallet);
          await node.height(height + 1);
          const response = await fetch(
            `http://127.0.0.1:${String(metrics)}/metrics`,
          );
          t.regex(await response.text(), /^swingset_\w+(?:\{.*\})? \d/m);
          await node.stop();

          const slog = await slogOf(join(home, 'data', 'slog.jsonl'));
          const at = (type: string) =>
            slog.filter(
              (entry) => entry.type === type && entry.blockHeight === height,
            );
          for (const type of [
            'cosmic-swingset-begin-block',
            'cosmic-swingset-end-block-start',
            'cosmic-swingset-end-block-finish',
            'cosmic-swingset-commit-block-finish',
          ]) {
            t.is(at(type).length, 1, type);
          }
          t.true(slog.some(({ type, vatID }) => type === 'deliver' && vatID));
          t.true((await readdir(join(home, 'transcripts'))).length >= 0);
        } finally {
          await node.kill();
        }
      });
    },
  );
}
