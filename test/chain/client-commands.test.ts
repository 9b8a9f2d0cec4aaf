import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, address, modes, nodePorts, runAgd } from '../support/node.js';
import { agd } from '../support/paths.js';
import { Process } from '../support/process.js';

for (const mode of modes) {
  test.serial(
    `${mode}: transactions are awaited, names are addresses, and data are shown and followed`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const options = { home, mode, ports: await nodePorts() };
        let node = new AgdNode(options);
        const rpc = `tcp://127.0.0.1:${String(options.ports.rpc)}`;
        /** Runs a command to its end; returns its exit code and output. */
        const run = async (...args: string[]) => {
          const all = [...args, '--home', home, '--node', rpc];
          const command = new Process(agd, all);
          const { code } = await command.exited;
          return {
            code,
            out: command.stdout.join('\n'),
            said: command.stderr.join('\n'),
          };
        };
        const json = ['--output', 'json'];
        const sent = ['--yes', '--wait', ...json];
        let follow: Process | undefined;
        try {
          await node.pids();
          await node.listening();
          const bob = await address(home, 'bob');
          const path = `published.bank.${bob}`;

          // The result is that of the block, which is committed.
          const send = await run(
            ...['tx', 'bank', 'send', 'alice', 'bob', '7uist', ...sent],
          );
          t.is(send.code, 0, send.said);
          const result = JSON.parse(send.out) as { height: string };
          t.true(Number(result.height) > 0);
          const balance = await run(
            ...['query', 'bank', 'balance', 'bob', 'uist', ...json],
          );
          t.like(JSON.parse(balance.out), { balance: { amount: '7' } });
          const failed = await run(
            ...['tx', 'bank', 'send', 'bob', 'alice', '8uist', ...sent],
            ...['--gas', '200000'],
          );
          t.is(failed.code, 1);
          t.regex(failed.out, /"code":5/);
          t.regex(
            failed.said,
            /^agd: transaction [0-9A-F]{64} failed in block \d+: code 5 of sdk: .*insufficient funds$/m,
          );
          t.notRegex(failed.said, /\.go:\d|rpc error/);

          // An equal transaction before the next block is the same one.
          const again = ['tx', 'bank', 'send', 'alice', 'bob', '1uist'];
          t.is((await run(...again, '--yes')).code, 0);
          const repeated = await run(...again, ...sent);
          if (repeated.code !== 0) {
            // Unless a block has come in between.
            t.is(repeated.code, 1);
            t.regex(
              repeated.said,
              /^agd: transaction [0-9A-F]{64} was refused: code 19 of sdk: the node has this very transaction already/m,
            );
          }
          t.is((await run(...again, '--from', 'bob', ...sent)).code, 1);
          const dry = await run(...again, '--dry-run');
          t.is(dry.code, 0, dry.said);
          t.regex(dry.said, /gas estimate: \d+/);
          await runAgd(home, ['keys', 'add', 'carol']);
          t.regex(
            (await run('tx', 'bank', 'send', 'carol', 'bob', '1uist', ...sent))
              .said,
            /^agd: the chain has no account agoric1\S+ yet: the first coins/m,
          );
          t.regex(
            (await run('query', 'txs', '--query', 'foo')).said,
            /^agd: --query: expected conditions, such as .*, got "foo": offset 3: EOF$/m,
          );

          const data = ['query', 'vstorage', 'data'];
          t.regex(
            (await run(...data, path, '--pretty')).out,
            /^\{ .*uist: "[89]"/m,
          );
          const none = await run(...data, 'published.nothing', ...json);
          t.is(none.code, 2);
          t.deepEqual(JSON.parse(none.out), { value: '' });
          t.regex(none.said, /^agd: no data at path "published\.nothing": /);
          t.regex(
            (await run(...data, 'published')).said,
            /only paths below it have data/,
          );

          follow = new Process(agd, [
            ...['query', 'vstorage', 'follow', `published.wallet.${bob}`],
            ...['--home', home, '--node', rpc, ...json],
          ]);
          await follow.line((line) =>
            line.endsWith('"value":null}') ? true : undefined,
          );
          const file = join(dir, 'action.json');
          await writeFile(file, '"followed"\n');
          const action = await run(
            ...['tx', 'swingset', 'wallet-action', `@${file}`],
            ...['--from', 'bob', ...sent],
          );
          t.is(action.code, 0, action.said);
          const { height } = JSON.parse(action.out) as { height: string };
          const followed = await follow.line((line) =>
            line.includes('followed')
              ? (JSON.parse(line) as { height: string })
              : undefined,
          );
          t.is(followed.height, height);

          // It survives the node's restart.
          await node.stop();
          await follow.line((line) =>
            line.includes('the node does not answer: waiting for it')
              ? true
              : undefined,
          );
          const nobody = await run('status');
          t.is(nobody.code, 1);
          t.regex(nobody.said, /^agd: no node at "127\.0\.0\.1:\d+": .*is agd/);
          node = new AgdNode(options);
          await follow.line((line) =>
            line.includes('the node answers again') ? true : undefined,
          );
          follow.signal('SIGINT');
          t.deepEqual(await follow.exited, { code: 0, signal: null });
        } finally {
          await Promise.all([node.kill(), follow?.kill()]);
        }
      });
    },
  );
}
