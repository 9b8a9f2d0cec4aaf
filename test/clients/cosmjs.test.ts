import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { bootedHome, chainId, withTempDir } from '../support/homes.js';
import {
  AgdNode,
  address,
  modes,
  nodePorts,
  privateKey,
} from '../support/node.js';
import { root } from '../support/paths.js';
import { patience } from '../support/process.js';

const run = promisify(execFile);
const amount = 1234;

interface Balances {
  readonly sender: string;
  readonly recipient: string;
}

/** What the fixture received. */
interface Told {
  readonly chain: string;
  readonly before: Balances;
  readonly after: Balances;
  readonly sent: { code: number; height: number; hash: string; gas: number };
  readonly event: { height: number; hash: string; code: number };
  /** Number of transactions that it was notified of. */
  readonly events: number;
  readonly found: {
    code: number;
    height: number;
    hash: string;
    inBlock: boolean;
  };
  /** Heights of the blocks that it was notified of. */
  readonly heights: readonly number[];
  readonly next: { height: number; appHash: string };
  readonly failed: {
    readonly tooMuch: { code: number };
    readonly unfunded: { code: number; codespace: string; log: string };
  };
}

async function useCosmJs(node: AgdNode): Promise<Told> {
  const { home, ports } = node.options;
  const client = join(root, 'test', 'clients', 'fixture-cosmjs.mjs');
  const argument = JSON.stringify({
    url: `ws://127.0.0.1:${String(ports.rpc)}`,
    key: await privateKey(home, 'alice'),
    recipient: await address(home, 'bob'),
    amount,
  });
  await node.pids(); // the kernel runs: CosmJS waits a minute for a transaction
  await node.listening();
  const { stdout } = await run('node', [client, argument], {
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout) as Told;
}

/** Runs the example of docs/commands.md; returns what it prints. */
async function runDocsExample(node: AgdNode, of: string): Promise<string> {
  const page = await readFile(join(root, 'docs', 'commands.md'), 'utf8');
  const [, example] = /^```js\n(.*?)^```$/ms.exec(page)!;
  const { stdout } = await run(
    'node',
    ['--input-type=module', '-e', example!],
    {
      cwd: root,
      env: { ...process.env, RPC: node.rpcUrl, ADDRESS: of },
      timeout: patience,
      killSignal: 'SIGKILL',
    },
  );
  return stdout;
}

for (const mode of modes) {
  test.serial(
    `${mode}: CosmJS sends, queries, and is told of blocks and transactions`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          const told = await useCosmJs(node);
          t.is(told.chain, chainId);

          const { hash, height } = told.sent;
          t.is(told.sent.code, 0);
          t.true(told.sent.gas > 0);
          t.deepEqual(told.event, { height, hash, code: 0 });
          t.is(told.events, 1, 'no event of what never was in a block');
          t.deepEqual(told.found, { code: 0, height, hash, inBlock: true });
          t.is(
            Number(told.after.sender),
            Number(told.before.sender) - amount,
            'uist of the sender',
          );
          t.is(
            Number(told.after.recipient),
            Number(told.before.recipient) + amount,
            'uist of the recipient',
          );

          const [first = 0] = told.heights;
          t.deepEqual(
            told.heights,
            told.heights.map((_height, index) => first + index),
            'every block once, in order',
          );
          t.true(told.heights.includes(height));
          t.is(told.next.height, height + 1);
          t.is(told.next.appHash, await node.appHash(height));

          t.is(told.failed.tooMuch.code, 5);
          const { log, ...unfunded } = told.failed.unfunded;
          t.deepEqual(unfunded, { code: 5, codespace: 'sdk' });
          t.regex(log, /insufficient funds/);

          t.regex(
            await runDocsExample(node, await address(home, 'bob')),
            new RegExp(`^${told.after.recipient} uist after block \\d+\n$`),
          );

          // What CosmJS sent, the kernel has seen.
          await node.height(height + 2);
          const bob = await address(home, 'bob');
          t.true(
            (await node.vstorage(`published.bank.${bob}`)).includes(
              told.after.recipient,
            ),
          );
        } finally {
          await node.kill();
        }
      });
    },
  );
}
