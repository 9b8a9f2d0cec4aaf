import { join } from 'node:path';

import test from 'ava';

import { bootedHome, followerHome, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  type Mode,
} from '../support/node.js';

import { environmentOf, own, supported, versionOf } from './versions.js';

/** The supported versions besides that of the tests. */
const others = supported.filter((major) => major !== own);

interface Follower {
  readonly home: string;
  readonly major: number;
  readonly mode: Mode;
}

test('nodes on every supported version of Node.js agree on each app hash, also after they exchange their versions', async (t) => {
  const environments = new Map<number, NodeJS.ProcessEnv>();
  for (const major of others)
    environments.set(major, await environmentOf(major));
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
