import { delimiter, dirname } from 'node:path';
import process from 'node:process';

import test, { type ExecutionContext } from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  modes,
  nodePorts,
  startArgs,
  type Mode,
  type Ports,
} from '../support/node.js';
import { agd as agdFile, agvm } from '../support/paths.js';
import {
  Process,
  descendants,
  gone,
  isWorker,
  processes,
} from '../support/process.js';

/**
 * The process that gets a signal. In-process, agd and the VM are one process.
 */
const targets = (mode: Mode): readonly ('agd' | 'vm' | 'group')[] =>
  mode === 'split' ? ['agd', 'vm', 'group'] : ['agd', 'group'];

/** Checks the plain-text banner of a node that is ready. */
function checkBanner(
  t: ExecutionContext,
  lines: readonly string[],
  { home, mode, ports }: { home: string; mode: Mode; ports: Ports },
): void {
  const at = lines.findIndex((line) => line.includes(' INF ready: block '));
  const rpc = `127.0.0.1:${String(ports.rpc)}`;
  t.deepEqual(
    lines
      .slice(at + 1, at + 13)
      .map((line) =>
        line.replace(/: agd .*/, '').replace(/(jail +)(on|none)\b.*/, '$1…'),
      ),
    [
      `  mode       ${mode}`,
      `  transport  ${mode === 'split' ? 'shm' : 'memory'}`,
      '  jail       …',
      `  home       ${home}`,
      `  RPC        http://${rpc}`,
      `  gRPC       127.0.0.1:${String(ports.grpc)}`,
      '  REST       off (--api.enable)',
      `  metrics    off ("agd config set config instrumentation.prometheus true --home ${home}", then restart the node)`,
      '  keys       alice, bob (keyring test)',
      `  next       agd status --node tcp://${rpc} --home ${home}`,
      `             agd query vstorage children published --node tcp://${rpc} --home ${home}`,
      `             agd keys list --home ${home}`,
    ],
  );
  t.is(lines.filter((line) => line.includes('ready: block')).length, 1, 'once');
}

for (const mode of modes) {
  test.serial(
    `${mode}: the process tree is as docs/monitoring.md describes`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          const { agd, vm } = await node.pids();
          t.is(agd, node.pid);
          const below = descendants(agd);
          if (mode === 'split') {
            t.true(below.some((row) => row.pid === vm && row.ppid === agd));
            t.regex(below.find((row) => row.pid === vm)!.command, /node.*agvm/);
          } else {
            t.is(vm, agd);
          }
          t.true(
            below.some((row) => row.ppid === vm && isWorker(row.command)),
            JSON.stringify(below),
          );
        } finally {
          await node.kill();
        }
      });
    },
  );

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const target of targets(mode)) {
      test.serial(
        `${mode}: ${signal} at the ${target} stops all, with exit code 98`,
        async (t) => {
          await withTempDir(async (dir) => {
            const home = await bootedHome(dir);
            const node = new AgdNode({ home, mode, ports: await nodePorts() });
            try {
              const { agd, vm } = await node.pids();
              const all = [agd, vm, ...descendants(agd).map((row) => row.pid)];
              const at = { agd, vm, group: -node.pid }[target];
              process.kill(at, signal);
              t.deepEqual(await node.exited, { code: 98, signal: null });
              await gone(all);
            } finally {
              await node.kill();
            }
          });
        },
      );
    }
  }

  for (const target of targets(mode).filter((to) => to !== 'group')) {
    test.serial(
      `${mode}: SIGKILL of the ${target} leaves no process, and the chain goes on afterwards`,
      async (t) => {
        await withTempDir(async (dir) => {
          const home = await bootedHome(dir);
          const ports = await nodePorts();
          const node = new AgdNode({ home, mode, ports });
          try {
            const { agd, vm } = await node.pids();
            const all = [agd, vm, ...descendants(agd).map((row) => row.pid)];
            process.kill(target === 'agd' ? agd : vm, 'SIGKILL');
            const exit = await node.exited;
            t.deepEqual(
              exit,
              mode === 'split' && target === 'vm'
                ? { code: 99, signal: null }
                : { code: null, signal: 'SIGKILL' },
            );
            await gone(all);
          } finally {
            await node.kill();
          }
          const again = new AgdNode({ home, mode, ports });
          try {
            const { agd } = await again.pids();
            t.is(agd, again.pid);
            t.deepEqual(await again.stop(), { code: 98, signal: null });
          } finally {
            await again.kill();
          }
        });
      },
    );
  }

  test.serial(
    `${mode}: the jobs of a shell script that becomes agd are left alone`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const args = startArgs({ home, mode, ports: await nodePorts() });
        const script =
          'sleep 1000 > /dev/null 2>&1 & echo "job $!"; exec "$0" "$@"';
        const node = new Process('/bin/sh', ['-c', script, agdFile, ...args]);
        try {
          const job = await node.line((line) => /^job (\d+)$/.exec(line)?.[1]);
          await node.line((line) =>
            line.includes('first block of this run committed')
              ? line
              : undefined,
          );
          node.signal('SIGTERM');
          t.deepEqual(await node.exited, { code: 98, signal: null });
          t.true(processes().some((row) => row.pid === Number(job)));
        } finally {
          await node.kill(); // the job as well
        }
      });
    },
  );

  test.serial(
    `${mode}: SIGQUIT prints agd's stacks, aborts it, and leaves no process`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          const { agd, vm } = await node.pids();
          const all = [agd, vm, ...descendants(agd).map((row) => row.pid)];
          process.kill(agd, 'SIGQUIT');
          t.deepEqual(await node.exited, { code: null, signal: 'SIGABRT' });
          const said = node.stderr.join('\n');
          t.regex(said, /^panic: SIGQUIT: quit$/m);
          t.regex(said, /^goroutine \d+.*\n(.*\n)*.*consensus/m);
          await gone(all);
        } finally {
          await node.kill();
        }
      });
    },
  );

  test.serial(`${mode}: agvm start starts the same node`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const ports = await nodePorts();
      const args = [
        ...startArgs({ home, mode, ports }),
        ...['--log_format', 'plain'],
      ];
      // The banner's commands name agd alone where PATH has this one.
      const search = [dirname(agdFile), process.env['PATH']].join(delimiter);
      const node = new Process(agvm, args, { ...process.env, PATH: search });
      try {
        const line = await node.line((text) =>
          text.includes('first block of this run committed') ? text : undefined,
        );
        t.regex(line, new RegExp(` mode=${mode} `));
        t.regex(
          line,
          new RegExp(` agd_pid=${String(node.pid)} `),
          'the process is still the same',
        );
        await node.line(
          (text) => text.endsWith('Ctrl-C stops the node') || undefined,
        );
        checkBanner(t, node.stdout, { home, mode, ports });
        node.signal('SIGTERM');
        t.deepEqual(await node.exited, { code: 98, signal: null });
        const noise =
          / ERR |slog sender|Shutting down cleanly|Process terminated/;
        t.deepEqual(
          [...node.stdout, ...node.stderr].filter((text) => noise.test(text)),
          [],
        );
      } finally {
        await node.kill();
      }
    });
  });
}
