import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import test from 'ava';

import { bootedHome, followerHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  type Mode,
} from '../support/node.js';
import { root } from '../support/paths.js';

const run = promisify(execFile);

const { engines } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as { engines: { node: string } };
const own = Number(process.versions.node.split('.')[0]);
/** The supported major versions of Node.js besides that of the tests. */
const others = [...engines.node.matchAll(/\^(\d+)\./g)]
  .map(([, major]) => Number(major))
  .filter((major) => major !== own);

/** Environment in which `node` is of a major version. */
async function withNode(major: number): Promise<NodeJS.ProcessEnv> {
  const script = join(root, 'tools', 'node.sh');
  const { stdout } = await run(script, [String(major)]);
  const bin = join(stdout.trim(), 'bin');
  return { PATH: [bin, process.env['PATH']].join(delimiter) };
}

/** The version of Node.js that runs a node's kernel. */
async function versionOf(node: AgdNode): Promise<number> {
  const { vm } = await node.pids();
  const exe = `/proc/${String(vm)}/exe`;
  const { stdout } = await run(exe, ['--print', 'process.versions.node']);
  return Number(stdout.split('.')[0]);
}

interface Follower {
  readonly home: string;
  readonly major: number;
  readonly mode: Mode;
}

test('nodes on every supported version of Node.js agree on each app hash, also after they exchange their versions', async (t) => {
  const environments = new Map<number, NodeJS.ProcessEnv>();
  for (const major of others) environments.set(major, await withNode(major));
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const leader = new AgdNode({
      home,
      mode: 'split',
      ports: await nodePorts(),
    });
    const running = new Set([leader]);
    const modeAt = (index: number): Mode => modes[index % modes.length]!;
    try {
      await leader.height(2);
      t.is(await versionOf(leader), own);
      const bob = await address(home, 'bob');
      const homes = await Promise.all(
        others.map(async (major) =>
          followerHome(join(dir, String(major)), leader),
        ),
      );
      let first = 1;
      for (let round = 0; round < 2; round += 1) {
        const followers = others.map((major, index): Follower => ({
          home: homes[(index + round) % homes.length]!,
          major,
          mode: modeAt(index + round),
        }));
        const nodes = await Promise.all(
          followers.map(async ({ home: at, mode, major }) => {
            const env = environments.get(major)!;
            const ports = await nodePorts();
            const node = new AgdNode({ home: at, mode, ports, env });
            running.add(node);
            return node;
          }),
        );
        for (const node of nodes) await node.booted();
        const last = await leader.tx('bank', 'send', 'alice', bob, '1uist');
        for (const node of [leader, ...nodes]) await node.height(last + 1);
        t.deepEqual(await Promise.all(nodes.map(versionOf)), others);
        for (let height = first; height <= last; height += 1) {
          const expected = await leader.appHash(height);
          for (const [index, node] of nodes.entries()) {
            const { major, mode } = followers[index]!;
            t.is(
              await node.appHash(height),
              expected,
              `Node.js ${String(major)}, ${mode}, height ${String(height)}`,
            );
          }
        }
        first = last + 1;
        for (const node of nodes) {
          const printed = [...node.stdout, ...node.stderr].join('\n');
          t.notRegex(printed, /Warning|cannot use the kept bundles/);
          t.deepEqual(await node.stop(), { code: 98, signal: null });
          running.delete(node);
        }
      }
    } finally {
      await Promise.all([...running].map(async (node) => node.kill()));
    }
  });
});
