import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import {
  cosmovisor,
  layout,
  layoutUpgrade,
  runCosmovisor,
} from '../support/cosmovisor.js';
import { withTempDir } from '../support/homes.js';
import {
  AgdNode,
  committedHeight,
  modes,
  nodePorts,
  said,
  type Mode,
} from '../support/node.js';
import { processes, type Process } from '../support/process.js';
import {
  chainBeforeUpgrade,
  type UpgradingChain,
} from '../support/upgrades.js';

let dir = '';
let chain: UpgradingChain = { home: '', height: 0 };

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agd-upgrade-'));
  chain = await chainBeforeUpgrade(dir, 'v2');
});

test.after.always(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function withCopy(use: (home: string) => Promise<void>): Promise<void> {
  await withTempDir(async (temp) => {
    const home = join(temp, 'home');
    await cp(chain.home, home, { recursive: true });
    await use(home);
  });
}

const needed = 'UPGRADE "v2" NEEDED at height: 50';

/** Runs a node until the upgrade ends it. */
async function meetUpgrade(
  t: ExecutionContext,
  home: string,
  mode: Mode,
): Promise<void> {
  const node = new AgdNode({ home, mode, ports: await nodePorts() });
  try {
    await node.line((line) => (said(line).includes(needed) ? true : undefined));
    const met = Date.now();
    t.deepEqual(await node.exited, { code: 99, signal: null });
    t.true(Date.now() - met < 5000, 'it ends by itself within 5 s');
    const words = node.stderr.filter((line) => /^(agd|agvm): /.test(line));
    t.is(words.length, 1, words.join('\n'));
    t.true(words[0]?.endsWith(needed), words[0]);
    t.deepEqual(
      processes().filter((row) => row.session === node.pid),
      [],
      'no process is left',
    );
  } finally {
    await node.kill();
  }
}

for (const mode of modes) {
  test.serial(
    `${mode}: a chain that upgrades ends the node with 99, until its successor runs`,
    async (t) => {
      await withCopy(async (home) => {
        await meetUpgrade(t, home, mode);
        const file = join(home, 'data', 'upgrade-info.json');
        const info = JSON.parse(await readFile(file, 'utf8')) as object;
        t.like(info, { name: 'v2', height: chain.height });
        await meetUpgrade(t, home, mode);

        const skip = ['--unsafe-skip-upgrades', String(chain.height)];
        const ports = await nodePorts();
        const successor = new AgdNode({ home, mode, ports, args: skip });
        try {
          t.true((await successor.height(chain.height + 2)) > chain.height);
          t.deepEqual(await successor.stop(), { code: 98, signal: null });
        } finally {
          await successor.kill();
        }
      });
    },
  );
}

/** Resolves once a block at this height or a later one was committed. */
async function reaches(run: Process, wanted: number): Promise<number> {
  return run.line((line) => {
    const height = committedHeight(line);
    return height !== undefined && height >= wanted ? height : undefined;
  });
}

/** `make test-cosmovisor` runs these; it builds cosmovisor first. */
const withCosmovisor = existsSync(cosmovisor) ? test.serial : test.serial.skip;

for (const mode of modes) {
  withCosmovisor(
    `${mode}: cosmovisor forwards a stop, and no process is left`,
    async (t) => {
      await withCopy(async (home) => {
        await layout(home);
        const ports = await nodePorts();
        for (const [target, expected] of [
          ['group', { code: null, signal: 'SIGINT' }], // Ctrl-C; cosmovisor leaves first
          ['cosmovisor', { code: 1, signal: null }], // its own code for agd's 98
        ] as const) {
          const run = runCosmovisor({ home, mode, ports });
          try {
            await reaches(run, 1);
            if (target === 'group') process.kill(-run.pid, 'SIGINT');
            else run.signal('SIGTERM');
            t.deepEqual(await run.exited, expected, target);
            t.regex(
              run.stdout.join('\n'),
              /stopping: the running block action/,
            );
            // After Ctrl-C agd exits as a child of init, which may reap it
            // later.
            t.deepEqual(
              processes().filter(
                ({ session, state }) => session === run.pid && state !== 'Z',
              ),
              [],
            );
          } finally {
            await run.kill();
          }
        }
      });
    },
  );

  for (const grace of ['30s', undefined]) {
    withCosmovisor(
      `${mode}: cosmovisor swaps agd at the upgrade, ${grace === undefined ? 'killing the old one' : 'waiting for the old one'}, and the chain goes on`,
      async (t) => {
        await withCopy(async (home) => {
          await layout(home);
          await layoutUpgrade(home, 'v2', chain.height);
          const run = runCosmovisor(
            { home, mode, ports: await nodePorts() },
            {
              UNSAFE_SKIP_BACKUP: 'true',
              ...(grace !== undefined && { DAEMON_SHUTDOWN_GRACE: grace }),
            },
          );
          try {
            t.true((await reaches(run, chain.height + 3)) > chain.height);
            t.is(
              await readlink(join(home, 'cosmovisor', 'current')),
              join(home, 'cosmovisor', 'upgrades', 'v2'),
            );
            // Signals agd, too: cosmovisor may signal only the previous agd
            // (docs/operating.md).
            process.kill(-run.pid, 'SIGTERM');
            await run.exited;
            t.deepEqual(
              processes().filter(
                ({ session, state }) => session === run.pid && state !== 'Z',
              ),
              [],
            );
          } finally {
            await run.kill();
          }
        });
      },
    );
  }
}
