// The kernel's own options, log and metrics, as in any Agoric node.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/chain-kit';
import test, { type ExecutionContext } from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  modes,
  nodePorts,
  runAgd,
  type Mode,
} from '../support/node.js';
import { workers } from '../support/process.js';

/**
 * Maximum number of workers in these tests: fewer than the demonstration
 * kernel's vats.
 */
const most = 2;

/** An event of the kernel, as a line of its slog file. */
interface Event {
  readonly type: string;
  readonly blockHeight?: number;
  /** The module that an action came from. */
  readonly source?: string;
  readonly vatID?: string;
}

async function eventsIn(file: string): Promise<Event[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

/**
 * Runs a node with one action, inspects it and stops it; returns the action's
 * block.
 */
async function runWithAction(
  t: ExecutionContext,
  home: string,
  mode: Mode,
  env: NodeJS.ProcessEnv,
  look: (node: AgdNode) => Promise<void>,
): Promise<number> {
  const node = new AgdNode({ home, mode, ports: await nodePorts(), env });
  try {
    const height = await node.tx(
      ...['swingset', 'wallet-action', '1', '--from', 'bob'],
    );
    await node.height(height + 1);
    await look(node);
    t.deepEqual(await node.stop(), { code: 98, signal: null });
    return height;
  } finally {
    await node.kill();
  }
}

/**
 * Expects among these events the action's block exactly once, and in it the
 * action and its delivery to a vat.
 */
function expectBlock(
  t: ExecutionContext,
  events: readonly Event[],
  height: number,
): void {
  const name = /^cosmic-swingset-((begin|end|commit)-block.*)/;
  const ofBlock = events.filter(
    ({ type, blockHeight }) => blockHeight === height && name.test(type),
  );
  t.deepEqual(
    ofBlock.map(({ type }) => name.exec(type)?.[1]),
    [
      'begin-block',
      'end-block-start',
      'end-block-finish',
      'commit-block-start',
      'commit-block-finish',
    ],
  );
  const [, start, finish] = ofBlock.map((event) => events.indexOf(event));
  const done = events.slice(start, finish);
  const action = done.findIndex(
    ({ type, source }) =>
      type === 'cosmic-swingset-bridge-inbound' && source === 'wallet',
  );
  t.true(action >= 0, 'the action');
  t.true(
    done
      .slice(action)
      .some(({ type, vatID }) => type === 'deliver' && vatID === 'v1'),
    'its delivery to the bootstrap vat',
  );
}

for (const mode of modes) {
  test.serial(
    `${mode}: the kernel writes its slog file, serves its metrics, and keeps to max-vats-online`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        await runAgd(home, [
          ...['config', 'set', 'app', 'swingset.slogfile', 'data/slog.jsonl'],
          ...['swingset.max-vats-online', String(most)],
        ]);
        const [port = 0] = await freePorts(1);
        const metrics = {
          OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
          OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        };
        const height = await runWithAction(
          t,
          home,
          mode,
          metrics,
          async (node) => {
            const { vm } = await node.pids();
            t.true(workers(vm).length <= most, 'workers');
            const endpoint = `http://127.0.0.1:${String(port)}/metrics`;
            const text = await (await fetch(endpoint)).text();
            t.regex(text, /^swingset_dispatch_total(\{.*\})? [1-9]/m, text);
            t.regex(
              text,
              /^swingset_block_processing_seconds_count\b.* [1-9]/m,
            );
          },
        );
        const slog = join(home, 'data', 'slog.jsonl');
        const events = await eventsIn(slog);
        expectBlock(t, events, height);

        await runAgd(home, [
          ...['config', 'set', 'app', 'swingset.slogfile', ''],
          ...['swingset.max-vats-online', '50'],
        ]);
        const other = join(dir, 'other-slog');
        const later = await runWithAction(
          t,
          home,
          mode,
          { SLOGFILE: other },
          async (node) => {
            const { vm } = await node.pids();
            t.true(workers(vm).length > most, 'all vats have a worker');
          },
        );
        expectBlock(t, await eventsIn(other), later);
        t.is((await eventsIn(slog)).length, events.length);
      });
    },
  );
}
