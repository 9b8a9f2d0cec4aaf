// The bridge's metrics as Prometheus reads them, in both modes
// (docs/monitoring.md).
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/chain-kit';
import test from 'ava';

import { bootedHome, freshHome, withTempDir } from '../support/homes.js';
import { withListener } from '../support/listener.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  runAgd,
  startArgs,
} from '../support/node.js';
import { root } from '../support/paths.js';
import { Process, patience } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

/** The samples of a scrape, by name and labels, as `name{label="value",…}`. */
class Scrape {
  readonly #samples = new Map<string, number>();

  constructor(text: string) {
    for (const [, name = '', labels = '', value = ''] of text.matchAll(
      /^(\w+)(?:\{(.*)\})? (\S+)$/gm,
    )) {
      this.#samples.set(key(name, labels.split(/,(?=\w+=)/)), Number(value));
    }
  }

  /** A sample of the bridge. @throws Error if there is none */
  get(name: string, labels: Record<string, string>): number {
    const wanted = key(
      `agd_bridge_${name}`,
      Object.entries(labels).map(([label, value]) => `${label}="${value}"`),
    );
    const value = this.#samples.get(wanted);
    if (value === undefined) {
      throw new Error(
        `no ${wanted} in\n${this.#names('agd_bridge_').join('\n')}`,
      );
    }
    return value;
  }

  /** All samples of a metric of the bridge in one direction, added up. */
  sum(name: string, direction: string): number {
    return [...this.#samples]
      .filter(
        ([sample]) =>
          sample.startsWith(`agd_bridge_${name}{`) &&
          sample.includes(`direction="${direction}"`),
      )
      .reduce((sum, [, value]) => sum + value, 0);
  }

  #names(prefix: string): string[] {
    return [...this.#samples.keys()].filter((name) => name.startsWith(prefix));
  }

  /** The number of samples whose name starts with this prefix. */
  count(prefix: string): number {
    return this.#names(prefix).length;
  }
}

const key = (name: string, labels: readonly string[]): string =>
  `${name}{${[...labels].sort().join(',')}}`;

async function scrape(port: number, path = 'metrics'): Promise<Scrape> {
  const response = await fetch(`http://127.0.0.1:${String(port)}/${path}`, {
    signal: AbortSignal.timeout(patience),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${String(response.status)}: ${text}`);
  return new Scrape(text);
}

/** Enables CometBFT's endpoint. */
async function switchOn(home: string, port: number): Promise<void> {
  const address = `127.0.0.1:${String(port)}`;
  for (const setting of [
    ['instrumentation.prometheus', 'true'],
    ['instrumentation.prometheus_listen_addr', address],
  ]) {
    await runAgd(home, ['config', 'set', 'config', ...setting]);
  }
}

/** Removes sections of app.toml or config.toml. */
async function removeSections(
  home: string,
  name: string,
  sections: readonly string[],
): Promise<void> {
  const file = join(home, 'config', `${name}.toml`);
  const kept: string[] = [];
  let section = '';
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    section = /^\[([^\].]+)/.exec(line)?.[1] ?? section;
    if (!sections.includes(section)) kept.push(line);
  }
  await writeFile(file, kept.join('\n'));
}

const rules = join(root, 'contrib/prometheus/agd.rules.yml');
const dashboard = join(root, 'contrib/grafana/agd.json');

/** The names of metrics in the alert rules and the dashboard. */
async function contribNames(): Promise<Set<string>> {
  const board = JSON.parse(await readFile(dashboard, 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const texts = [
    ...(await readFile(rules, 'utf8')).matchAll(/^ +expr: (.*)$/gm),
  ].map(([, expression = '']) => expression);
  for (const { targets } of board.panels) {
    texts.push(...targets.map(({ expr }) => expr));
  }
  const names = texts.flatMap((text) => [
    ...text.matchAll(/\b(?:agd|cometbft|process)_\w+/g),
  ]);
  return new Set(names.map(([name]) => name));
}

const blockActions = [
  'swingset.BeginBlock',
  'swingset.EndBlock',
  'swingset.CommitBlock',
  'swingset.AfterCommitBlock',
];

/** What the kernel reads and writes for a payment. */
const downcalls = [
  'vstorage.Get',
  'vstorage.Set',
  'vbank.GetBalance',
  'swingset.SwingStoreUpdateExportData',
];

/** What the test reads of `agd top --json`. */
interface TopView {
  readonly mode: string;
  readonly height: number;
  readonly phases: readonly { readonly method: string }[];
  readonly processes: readonly {
    readonly name: string;
    readonly memory_bytes: number;
  }[];
  readonly notes: readonly string[];
}

for (const mode of modes) {
  test.serial(
    `${mode}: Prometheus and agd top read times and sizes of calls, and queue lengths`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const [comet, api] = (await freePorts(2)) as [number, number];
        // Only by the environment, because the files of an older version lack
        // sections.
        await removeSections(home, 'app', ['api', 'telemetry', 'bridge']);
        await removeSections(home, 'config', ['instrumentation']);
        const env = {
          AGD_API_ENABLE: 'true',
          AGD_API_ADDRESS: `tcp://127.0.0.1:${String(api)}`,
          AGD_TELEMETRY_ENABLED: 'true',
          AGD_TELEMETRY_PROMETHEUS_RETENTION_TIME: '60',
          AGD_INSTRUMENTATION_PROMETHEUS: 'true',
          AGD_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR: `127.0.0.1:${String(comet)}`,
          AGD_UNSAFE_SKIP_UPGRADES: '48,57',
          AGD_BRIDGE: 'no option', // though its section is one
        };
        const bob = await address(home, 'bob');
        const began = Date.now();
        const ports = await nodePorts();
        const node = new AgdNode({ home, mode, ports, env });
        try {
          await node.tx('bank', 'send', 'alice', bob, '7uist');
          const first = await scrape(comet);
          const elapsed = (Date.now() - began) / 1000;

          for (const method of blockActions) {
            const labels = { mode, direction: 'up', method };
            const calls = first.get('call_duration_seconds_count', labels);
            t.true(calls > 0, `calls of ${method}`);
            // agd sends an action's object, and the kernel returns null.
            const part = (name: string, sample: string): number =>
              first.get(`call_bytes_${sample}`, { ...labels, part: name });
            t.true(
              part('request', 'sum') >= 20 * part('request', 'count'),
              `bytes sent with ${method}`,
            );
            t.is(
              part('response', 'sum'),
              'null'.length * part('response', 'count'),
              `bytes answered to ${method}`,
            );
            t.is(first.get('call_errors_total', labels), 0);
            t.true([0, 1].includes(first.get('calls_in_progress', labels)));
          }
          for (const method of downcalls) {
            const labels = { mode, direction: 'down', method };
            t.true(
              first.get('call_duration_seconds_count', labels) > 0,
              `calls of ${method}`,
            );
            for (const part of ['request', 'response']) {
              t.true(
                first.get('call_bytes_sum', { ...labels, part }) > 0,
                `bytes of the ${part} of ${method}`,
              );
            }
            t.true(first.get('calls_in_progress', labels) <= 1);
          }
          t.is(
            first.get('call_duration_seconds_count', {
              mode,
              direction: 'up',
              method: 'bridge.Handshake',
            }),
            1,
          );

          // Block actions follow one another, and downcalls run within them.
          const up = first.sum('call_duration_seconds_sum', 'up');
          const down = first.sum('call_duration_seconds_sum', 'down');
          t.true(up > 0 && up < elapsed, `${String(up)} of ${String(elapsed)}`);
          t.true(down > 0 && down < up, `${String(down)} of ${String(up)}`);

          const queues =
            mode === 'split' ? ['inbound', 'outbound'] : ['inbound'];
          for (const queue of queues) {
            t.true(first.get('queued_messages', { mode, queue }) >= 0);
            t.true(first.get('queued_bytes', { mode, queue }) >= 0);
          }
          t.is(first.count('agd_bridge_queued_bytes'), queues.length);

          for (const name of await contribNames()) {
            t.true(first.count(name) > 0, `contrib has ${name}`);
          }

          // The numbers rise with the blocks. One block may have been in
          // progress.
          await node.height(node.committed() + 5);
          const second = await scrape(comet);
          for (const method of blockActions) {
            const labels = { mode, direction: 'up', method };
            const calls = (at: Scrape): number =>
              at.get('call_duration_seconds_count', labels);
            t.true(calls(second) - calls(first) >= 4, method);
          }

          // Its options are those of the node, which are in no file.
          const view = JSON.parse(
            await runAgd(home, ['top', '--once', '--json']),
          ) as TopView;
          t.is(view.mode, mode);
          t.deepEqual(view.notes, []);
          t.true(view.height > 1 && view.height <= node.committed() + 1);
          t.deepEqual(
            view.phases.map(({ method }) => method),
            blockActions,
          );
          const names = view.processes.map(({ name }) => name);
          t.deepEqual(
            names.filter((name) => !name.startsWith('worker v')),
            mode === 'split' ? ['agd', 'kernel'] : ['agd with the kernel'],
          );
          t.true(names.includes('worker v1:bootstrap'), names.join());
          t.true(view.processes.every(({ memory_bytes: size }) => size > 1e6));
          t.regex(
            await runAgd(home, ['top', '--once', '--interval', '100ms']),
            new RegExp(
              `^mode ${mode} .*\\n(.*\\n)*EndBlock .*\\n(.*\\n)* +\\d+ +\\d+\\.\\d% .* agd`,
              'm',
            ),
          );

          // The API server has the same metrics, and those of the Cosmos SDK.
          const other = await scrape(api, 'metrics?format=prometheus');
          t.is(other.count('agd_bridge_'), second.count('agd_bridge_'));
        } finally {
          await node.kill();
        }
      });
    },
  );
}

test('the alert rules are complete, and promtool accepts them where it is installed', async (t) => {
  const text = await readFile(rules, 'utf8');
  const [head = '', ...alerts] = text.split(/^ +- alert: /m);
  t.regex(head, /^groups:\n +- name: agd\n +rules:\n$/m);
  t.true(alerts.length > 5);
  for (const alert of alerts) {
    t.regex(
      alert,
      /^Agd\w+\n +expr: .*\n( +for: \d+m\n)? +labels:\n +severity: (critical|warning)\n +annotations:\n +summary: .*\n +description: /,
    );
  }
  const check = new Process('/bin/sh', [
    '-c',
    'command -v promtool >/dev/null || exit 77; exec promtool check rules "$1"',
    ...['sh', rules],
  ]);
  const { code } = await check.exited;
  if (code === 77) t.log('no promtool: only the structure was checked');
  t.true(code === 0 || code === 77, check.stdout.join('\n'));
});

test.serial(
  'a port in use for metrics is named, before the kernel boots',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await freshHome(dir);
      const [taken] = (await freePorts(1)) as [number];
      await switchOn(home, taken);
      await withListener(taken, async () => {
        await expectRefusal(
          t,
          startArgs({ home, mode: 'split', ports: await nodePorts() }),
          new RegExp(
            `instrumentation\\.prometheus_listen_addr: .*:${String(taken)}: .*address already in use \\(\\S+ \\(process \\d+\\) listens there: stop it, or choose another with AGD_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR, or in config\\.toml\\)`,
          ),
        );
      });
    });
  },
);
