import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  modes,
  nodePorts,
  runAgd,
  type Ports,
} from '../support/node.js';
import { agd } from '../support/paths.js';
import { Process } from '../support/process.js';

type Verdict = 'ok' | 'warn' | 'fail';

interface Check {
  readonly verdict: Verdict;
  readonly found: string;
  readonly do?: string;
}

interface Report {
  readonly version: number;
  readonly home: string;
  readonly verdict: Verdict;
  readonly checks: readonly (Check & { readonly name: string })[];
}

/** Runs `agd doctor` for a node at these ports, and returns its output. */
async function output(
  t: ExecutionContext,
  home: string,
  ports: Ports,
  env: NodeJS.ProcessEnv = {},
  ...args: string[]
): Promise<string[]> {
  const at = (port: number): string => `127.0.0.1:${String(port)}`;
  const run = new Process(agd, ['doctor', '--home', home, ...args], {
    ...process.env,
    AGD_RPC_LADDR: `tcp://${at(ports.rpc)}`,
    AGD_P2P_LADDR: `tcp://${at(ports.p2p)}`,
    AGD_GRPC_ADDRESS: at(ports.grpc),
    ...env,
  });
  const { code } = await run.exited;
  const failed = /\bfail\b(?!\))/.test(run.stdout.join('\n'));
  t.is(code, failed ? 1 : 0, run.stderr.join('\n'));
  if (failed) t.regex(run.stderr.join(), /^agd: \d+ of \d+ checks failed$/);
  else t.deepEqual(run.stderr, []);
  return run.stdout;
}

async function examine(
  t: ExecutionContext,
  home: string,
  ports: Ports,
  env?: NodeJS.ProcessEnv,
): Promise<(name: string) => Check | undefined> {
  const lines = await output(t, home, ports, env, '--json');
  const report = JSON.parse(lines.join('\n')) as Report;
  t.is(report.version, 1);
  t.is(report.home, home);
  return (name) => report.checks.find((check) => check.name === name);
}

test('without a home everything but the home is looked at, and no file is made', async (t) => {
  await withTempDir(async (dir) => {
    const home = join(dir, 'none');
    const ports = await nodePorts();
    const check = await examine(t, home, ports);
    for (const name of [
      ...['node', 'files', 'bundle', 'kernel', 'better-sqlite3'],
      ...['addon in-process', 'addon split'],
      ...['rpc.laddr', 'p2p.laddr', 'grpc.address'],
    ]) {
      t.is(check(name)?.verdict, 'ok', name);
    }
    for (const name of [
      ...['jail', 'shared memory', 'memory', 'disk', 'limits', 'clock'],
    ]) {
      t.truthy(check(name), name);
    }
    t.is(check('home')?.verdict, 'warn');
    t.regex(check('home')?.do ?? '', /agd init.*agd devnet/);

    const lines = await output(t, home, ports);
    t.notRegex(lines.join(), /\x1b/, 'no colours without a terminal');
    const long = lines.filter((line) => Array.from(line).length > 80);
    t.deepEqual(
      long.filter((line) => line.trim().includes(' ')),
      [],
      'only one long word is wider than 80 columns',
    );
    t.deepEqual(await readdir(dir), []);
  });
});

for (const mode of modes) {
  test(`${mode}: a running node is recognized, and a stopped one's stores are compared`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const ports = await nodePorts();
      const node = new AgdNode({ home, mode, ports });
      try {
        const { agd: pid } = await node.pids();
        await node.listening();
        const check = await examine(t, home, ports);
        const held = new RegExp(`\\(process ${String(pid)}\\)$`);
        t.regex(check('lock')?.found ?? '', held);
        for (const name of ['rpc.laddr', 'p2p.laddr', 'grpc.address']) {
          t.is(check(name)?.verdict, 'ok', name);
          t.regex(check(name)?.found ?? '', held, name);
        }
        t.is(check('stores')?.verdict, 'ok', check('stores')?.found);
        t.regex(
          check('stores')?.found ?? '',
          /^chain at height \d+, kernel at height \d+, the node runs$/,
        );
        await node.stop();
      } finally {
        await node.kill();
      }

      await chmod(join(home, 'config', 'priv_validator_key.json'), 0o644);
      const stopped = await examine(t, home, ports);
      t.regex(stopped('lock')?.found ?? '', /^free/);
      t.is(stopped('rpc.laddr')?.verdict, 'ok');
      t.is(stopped('stores')?.verdict, 'ok', stopped('stores')?.found);
      const [, chain, kernel] =
        /^chain at height (\d+), kernel at height (\d+)/.exec(
          stopped('stores')?.found ?? '',
        ) ?? [];
      t.true(Number(chain) > 0);
      t.is(kernel, chain);
      t.is(stopped('keys')?.verdict, 'warn', stopped('keys')?.found);
      t.regex(stopped('keys')?.do ?? '', /chmod go= .*priv_validator_key/);

      const withoutNode = { PATH: '/nonexistent' };
      const unseen = await examine(t, home, ports, withoutNode);
      t.is(unseen('node')?.verdict, 'fail');
      t.is(unseen('stores')?.verdict, 'warn', unseen('stores')?.found);
      t.regex(unseen('stores')?.found ?? '', /^not looked at$/);

      await rm(join(home, 'data', 'agoric', 'swingstore.sqlite'));
      const broken = await examine(t, home, ports);
      t.is(broken('stores')?.verdict, 'fail');
      t.regex(broken('stores')?.found ?? '', /kernel none$/);
      t.regex(broken('stores')?.do ?? '', /restore the whole home/);
    });
  });
}

test('version --long names commit, tags, Node.js, kernel, protocol and transports', async (t) => {
  await withTempDir(async (home) => {
    const version = JSON.parse(
      await runAgd(home, ['version', '--long', '--output', 'json']),
    ) as {
      commit: string;
      build_tags: string;
      extra_info: Record<string, string>;
    };
    t.regex(version.commit, /^([0-9a-f]{40}(-dirty)?)?$/);
    t.is(version.build_tags, 'cgo');
    t.regex(version.extra_info['git_tags'] ?? 'none', /^(v[^,]+,?)*$/);
    const { node, kernel, bridge_protocol, transports } = version.extra_info;
    t.true(node?.startsWith(`${process.versions.node} (`), node);
    t.regex(kernel ?? '', /@agoric\/cosmic-swingset@\d+\.\d+\.\d+/);
    t.regex(kernel ?? '', /@agoric\/xsnap@\d/);
    t.is(bridge_protocol, '1');
    t.is(transports, 'memory (in-process), shm, pipe');
  });
});
