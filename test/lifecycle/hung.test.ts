// JavaScript that never returns to the event loop, so neither timers nor signal
// listeners run. The VM is the real one, with a preloaded file.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import test, { type ExecutionContext } from 'ava';

import { longAction } from '../support/action.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd, said } from '../support/node.js';
import { agvm } from '../support/paths.js';
import { descendants, gone, isWorker } from '../support/process.js';

/**
 * Preloaded into the VM: hangs once the file `when` of its query exists, or,
 * with `atEnd`, while the process exits.
 */
const preload = `
import { existsSync } from 'node:fs';
const query = new URL(import.meta.url).searchParams;
const hang = () => {
  console.error('JavaScript hangs');
  for (;;);
};
const timer = setInterval(() => {
  if (existsSync(query.get('when'))) hang();
}, 20);
timer.unref();
if (query.has('atEnd')) process.on('exit', hang);
`;

/**
 * The contract's limit for a VM that ignores signals, plus time for a busy
 * machine.
 */
const limit = 8000 + 2000;

interface Hanging {
  readonly node: AgdNode;
  readonly trace: string;
  /** Makes JavaScript hang; resolves when it does. */
  readonly hang: () => Promise<void>;
}

async function withNode(
  mode: AgdNode['options']['mode'],
  hangsAt: 'end' | undefined,
  use: (hanging: Hanging) => Promise<void>,
  settings: readonly string[] = [],
  wrapper?: string,
): Promise<void> {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    if (settings.length > 0) await runAgd(home, ['config', 'set', ...settings]);
    const trace = join(dir, 'trace.jsonl');
    const file = join(dir, 'hang');
    const module = join(dir, 'preload.mjs');
    await writeFile(module, preload);
    const url = pathToFileURL(module);
    url.searchParams.set('when', file);
    if (hangsAt === 'end') url.searchParams.set('atEnd', '');
    const option = `--import=${url.href}`;
    const args = ['--bridge-trace', trace];
    if (wrapper !== undefined) {
      const entry = join(dir, 'wrapper.sh');
      await writeFile(entry, wrapper, { mode: 0o755 });
      args.push('--split-vm', entry);
    }
    const node = new AgdNode({
      home,
      mode,
      ports: await nodePorts(),
      args,
      env:
        wrapper === undefined
          ? { AGD_VM_NODE_ARGS: `'${option}'`, AGD_JAIL_READ: module }
          : { NODE_OPTIONS: option },
    });
    const hang = async (): Promise<void> => {
      await writeFile(file, '');
      await hangs(node);
    };
    try {
      await use({ node, trace, hang });
    } finally {
      await node.kill();
    }
  });
}

const hangs = async (node: AgdNode): Promise<unknown> =>
  node.line((line) => (said(line) === 'JavaScript hangs' ? line : undefined));

const stopping = async (node: AgdNode): Promise<unknown> =>
  node.line((line) => (line.includes('"stopping: ') ? line : undefined));

/** The node ends by itself, in time, with all of its processes. */
async function ends(t: ExecutionContext, node: AgdNode): Promise<void> {
  const all = [node.pid, ...descendants(node.pid).map((row) => row.pid)];
  const start = Date.now();
  t.deepEqual(await node.exited, { code: 98, signal: null });
  const took = Date.now() - start;
  t.true(took < limit, `it took ${String(took)} ms`);
  await gone(all);
}

for (const mode of modes) {
  test.serial(
    `${mode}: JavaScript that hangs between two actions is ended after one signal`,
    async (t) => {
      // A long time between blocks, so that no action begins.
      const pause = ['config', 'consensus.timeout_commit', '5m'];
      await withNode(
        mode,
        undefined,
        async ({ node, hang }) => {
          await node.listening();
          await hang();
          node.signal('SIGTERM');
          await ends(t, node);
        },
        pause,
      );
    },
  );

  test.serial(
    `${mode}: agd waits for JavaScript that hangs inside an action, and ends it after the second signal`,
    async (t) => {
      await withNode(mode, undefined, async ({ node, trace, hang }) => {
        const action = await longAction(node, trace, '7uist');
        const { height } = action;
        await hang();
        action.release();
        node.signal('SIGTERM');
        await stopping(node);
        t.is(node.committed(), height - 1);
        node.signal('SIGINT');
        await ends(t, node);
        t.is(node.committed(), height - 1, 'nothing was committed');

        const again = new AgdNode({ ...node.options, env: {}, args: [] });
        try {
          await again.height(height);
          const found = JSON.parse(await again.waitTx(action.txhash)) as {
            height: string;
          };
          t.is(Number(found.height), height, 'the block is made again');
        } finally {
          await again.kill();
        }
      });
    },
  );

  test.serial(
    `${mode}: JavaScript that hangs while it shuts down is ended`,
    async (t) => {
      await withNode(mode, 'end', async ({ node }) => {
        await node.height(1);
        node.signal('SIGTERM');
        await stopping(node);
        await ends(t, node);
        await hangs(node);
      });
    },
  );
}

test.serial(
  'split: JavaScript that hangs behind a wrapper ends with agd',
  async (t) => {
    // Without exec, the shell stays and also holds the pipes.
    const wrapper = `#!/bin/sh\nnode '${agvm}' "$@"\nexit $?\n`;
    await withNode(
      'split',
      undefined,
      async ({ node, hang }) => {
        await node.height(1);
        await hang();
        const all = descendants(node.pid);
        t.regex(all[0]?.command ?? '', /^\/bin\/sh .*wrapper\.sh/);
        t.true(all.some((row) => isWorker(row.command)));
        node.signal('SIGKILL');
        await node.exited;
        await gone(all.map((row) => row.pid));
      },
      [],
      wrapper,
    );
  },
);
