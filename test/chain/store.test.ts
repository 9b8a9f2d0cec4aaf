// The kernel's store in the chain's, with a real agd in every mode.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { connections, type Connection } from '../support/connections.js';
import { followerHome, freshHome, withTempDir } from '../support/homes.js';
import { startWithVm } from '../support/kernelless.js';
import {
  committedHeight,
  nodePorts,
  said,
  type Ports,
} from '../support/node.js';
import type { Process } from '../support/process.js';

const vm = fileURLToPath(new URL('fixture-store-vm.ts', import.meta.url));

type Kind = 'uncached' | 'cached';

function start(
  connection: Connection,
  kind: Kind,
  home: string,
  ports: Ports,
  env: NodeJS.ProcessEnv = {},
): Process {
  return startWithVm(vm, {
    ...connections[connection],
    home,
    ports,
    env: { STORE_KIND: kind, ...env },
  });
}

async function committed(node: Process, wanted: number): Promise<void> {
  await node.line((line) =>
    (committedHeight(line) ?? 0) >= wanted ? true : undefined,
  );
}

/** Number of entries that a start found; it must be exactly the entries written. */
async function entries(node: Process): Promise<number> {
  return node.line((line) => {
    const [, count] = /^the store has (\d+) entries/.exec(said(line)) ?? [];
    return count === undefined ? undefined : Number(count);
  });
}

/** The app hash after the block at this height. */
async function appHash({ rpc }: Ports, height: number): Promise<string> {
  const response = await fetch(
    `http://127.0.0.1:${String(rpc)}/block?height=${String(height + 1)}`,
  );
  const { result } = (await response.json()) as {
    result: { block: { header: { app_hash: string } } };
  };
  return result.block.header.app_hash;
}

test.serial(
  'every mode reaches the same app hash, with and without a cache',
  async (t) => {
    await withTempDir(async (dir) => {
      const last = 4;
      const home = await freshHome(dir);
      const leader = { options: { home, ports: await nodePorts() } };
      const nodes = [
        {
          ports: leader.options.ports,
          node: start('split', 'uncached', home, leader.options.ports),
        },
      ];
      try {
        for (const [connection, kind] of [
          ['split-shm', 'cached'],
          ['in-process', 'uncached'],
        ] as const) {
          const ports = await nodePorts();
          const follower = await followerHome(
            join(dir, `${connection}-${kind}`),
            leader,
          );
          const node = start(connection, kind, follower, ports);
          nodes.push({ ports, node });
        }
        await Promise.all(
          nodes.map(async ({ node }) => committed(node, last + 1)),
        );
        const seen = new Set<string>();
        for (let height = 1; height <= last; height += 1) {
          const hashes = await Promise.all(
            nodes.map(async ({ ports }) => appHash(ports, height)),
          );
          t.is(new Set(hashes).size, 1, `height ${String(height)}`);
          seen.add(hashes[0] ?? '');
        }
        t.is(seen.size, last, 'every block has changed it');
      } finally {
        await Promise.all(nodes.map(async ({ node }) => node.kill()));
      }
    });
  },
);

test.serial(
  'a start finds what committed blocks have written, and nothing of a block that failed',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await freshHome(dir);
      const found: number[] = [];
      const run = async (
        connection: Connection,
        kind: Kind,
        use: (node: Process) => Promise<void>,
        env?: NodeJS.ProcessEnv,
      ): Promise<void> => {
        const node = start(connection, kind, home, await nodePorts(), env);
        try {
          found.push(await entries(node));
          await use(node);
        } finally {
          await node.kill();
        }
      };
      let height = 2;
      for (const [connection, kind] of [
        ['split', 'cached'],
        ['split-shm', 'uncached'],
        ['in-process', 'uncached'],
      ] as const) {
        const failing = async (node: Process): Promise<void> => {
          t.deepEqual(await node.exited, { code: 99, signal: null });
          t.regex(node.stderr.at(-1) ?? '', /: this block fails$/);
        };
        await run(connection, kind, failing, { FAIL_AT: String(height) });
        height += 2;
      }
      // After a kill at any moment, it also finds the last committed block.
      await run('in-process', 'cached', async (node) =>
        committed(node, height),
      );
      await run('split', 'uncached', async (node) =>
        committed(node, height + 1),
      );
      t.is(found[0], 0);
      t.deepEqual(
        found,
        [...found].sort((a, b) => a - b),
      );
      t.true((found.at(-1) ?? 0) > 500);
    });
  },
);
