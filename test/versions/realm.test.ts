/** What vats see must not depend on the version of Node.js. */
import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { evaluate, inspectorUrl } from '../support/inspector.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';

import { environmentOf, supported, versionOf } from './versions.js';

/** Global names in a compartment, and members of its shared intrinsics. */
const seen = `(() => {
  const names = new Compartment().evaluate('Object.getOwnPropertyNames(globalThis)');
  const own = (value) => Reflect.ownKeys(value).map(String);
  return {
    temporal: new Compartment().evaluate('typeof Temporal'),
    date: own(Date.prototype).filter((name) => /temporal/i.test(name)),
    names: [...names].sort(),
  };
})()`;

test.serial(
  'compartments of the kernel see the same names on each version of Node.js, and no Temporal',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const names = new Set<string>();
      const newest = Math.max(...supported);
      for (const major of supported) {
        for (const mode of major === newest ? modes : modes.slice(0, 1)) {
          const node = new AgdNode({
            home,
            mode,
            ports: await nodePorts(),
            args: ['--vm-inspect=0'],
            env: await environmentOf(major),
          });
          try {
            const url = await inspectorUrl(node);
            await node.booted();
            t.is(await versionOf(node), major);
            const found = (await evaluate(url, seen)) as {
              temporal: string;
              date: string[];
              names: string[];
            };
            t.is(found.temporal, 'undefined');
            t.deepEqual(found.date, []);
            names.add(JSON.stringify(found.names));
            t.deepEqual(await node.stop(), { code: 98, signal: null });
          } finally {
            await node.kill();
          }
        }
      }
      t.is(names.size, 1, [...names].join('\n'));
    });
  },
);
