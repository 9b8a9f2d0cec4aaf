import { appendFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { chainId, freshHome, withTempDir } from '../support/homes.js';
import { address, modes, runAgd } from '../support/node.js';
import { agd, agvm } from '../support/paths.js';
import { Process } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

test('an unknown subcommand is named, at every level', async (t) => {
  await withTempDir(async (home) => {
    for (const parent of [
      ['query'],
      ['query', 'bank'],
      ['tx'],
      ['tx', 'bank'],
      ['comet'],
      ['keys'],
      ['config'],
      ['snapshots'],
    ]) {
      const args = [...parent, 'frob', '--home', home];
      await expectRefusal(t, args, /unknown command "frob"/);
    }
  });
});

test('a group of commands prints its help and creates no home', async (t) => {
  await withTempDir(async (dir) => {
    const home = join(dir, 'none');
    t.regex(await runAgd(home, ['query']), /Available Commands:/);
    await t.throwsAsync(readFile(join(home, 'config', 'app.toml')));
  });
});

test('mistakes in arguments are refused before a node is asked', async (t) => {
  await withTempDir(async (dir) => {
    const home = await freshHome(dir);
    const send = ['tx', 'bank', 'send', 'alice', 'bob'];
    for (const [args, expected] of [
      [
        [...send, '1.5uist'],
        /amount: expected whole numbers .* got "1\.5uist"/,
      ],
      [
        ['genesis', 'add-genesis-account', 'carol', '1.5ubld'],
        /coin.*: expected whole numbers .* got "1\.5ubld"/,
      ],
      [
        ['devnet', 'fund', 'bob', '1.5ubld'],
        /amount: expected whole numbers .* got "1\.5ubld"/,
      ],
      [[...send, '0uist'], /amount: expected an amount above 0, got "0uist"/],
      [[...send, '-5uist'], /"-5uist" looks like a flag: amounts have no sign/],
      [
        [...send, '1uist', '--from', 'bob'],
        /--from is "bob", but this command's sender is its argument, "alice"/,
      ],
      [
        ['tx', 'swingset', 'wallet-action', '{}', '--yes'],
        /no sender: name a key or an address with --from/,
      ],
      [
        ['keys', 'list', '--output', 'yml'],
        /--output: expected text or json, got "yml"/,
      ],
      [
        ['query', 'bank', 'balances', 'bob', '--output', 'jsn'],
        /--output: expected text or json, got "jsn"/,
      ],
      [['keys', 'add', 'bob'], /the keyring has the key "bob" already/],
      [['keys', 'delete', 'bob'], /agd asks a question, .* or add --yes/],
      [
        ['devnet', 'fund', 'bob'],
        /has no faucet, since agd devnet did not make it: .*tx bank send/,
      ],
    ] as const) {
      await expectRefusal(t, [...args, '--home', home], expected);
    }
    await expectRefusal(
      t,
      ['keys', 'list', '--home', join(dir, 'none')],
      /".*none" is no home directory: it does not exist/,
    );
  });
});

test('a command asks the terminal nothing', async (t) => {
  // A library that asks for the terminal's colours at its start would wait for
  // the answer, and read what the user has typed ahead.
  const command = `${JSON.stringify(agd)} version`;
  const run = new Process(
    'script',
    ['--quiet', '--return', '--command', command, '/dev/null'],
    { ...process.env, TERM: 'xterm-256color' },
  );
  t.deepEqual(await run.exited, { code: 0, signal: null });
  t.regex(run.stdout.join('\n').trim(), /^\d+\.\d+\.\d+\S*$/);
});

test('a transaction is made offline although client.toml or the environment names the chain', async (t) => {
  await withTempDir(async (dir) => {
    const home = await freshHome(dir);
    t.is(
      await runAgd(home, ['config', 'get', 'client', 'chain-id']),
      `"${chainId}"`,
    );
    const [alice, bob] = [
      await address(home, 'alice'),
      await address(home, 'bob'),
    ];
    const args = [
      ...['tx', 'bank', 'send', alice, bob, '1uist'],
      ...['--generate-only', '--offline', '--account-number', '1'],
      ...['--sequence', '1', '--home', home],
    ];
    for (const env of [{}, { AGD_CHAIN_ID: chainId }]) {
      const run = new Process(agd, args, { ...process.env, ...env });
      t.deepEqual(
        await run.exited,
        { code: 0, signal: null },
        run.stderr.join(),
      );
      const tx = JSON.parse(run.stdout.join('')) as {
        body: { messages: { to_address: string }[] };
      };
      t.is(tx.body.messages[0]?.to_address, bob);
    }
  });
});

for (const mode of modes) {
  test(`${mode}: a bad value of the environment is named with its option, client.toml's as well`, async (t) => {
    await withTempDir(async (home) => {
      const args = [
        'start',
        '--home',
        home,
        `--split=${String(mode === 'split')}`,
      ];
      for (const [name, value, expected] of [
        [
          'AGD_TELEMETRY_ENABLED',
          'perhaps',
          /option telemetry\.enabled: AGD_TELEMETRY_ENABLED has "perhaps": expected true or false$/,
        ],
        [
          'AGD_UNSAFE_SKIP_UPGRADES',
          '48,x',
          /option unsafe-skip-upgrades: AGD_UNSAFE_SKIP_UPGRADES has "48,x": expected integers, separated by commas$/,
        ],
        [
          'AGD_PRUNING',
          'some',
          /option pruning: AGD_PRUNING has "some": expected default, nothing, everything or custom$/,
        ],
        [
          'AGD_TX_INDEX_INDEXER',
          'kx',
          /option tx_index\.indexer: AGD_TX_INDEX_INDEXER has "kx": expected kv, null or psql/,
        ],
        [
          'AGD_MINIMUM_GAS_PRICES',
          '1',
          /option minimum-gas-prices: AGD_MINIMUM_GAS_PRICES has "1": expected amounts with denominations, separated by commas, such as 0\.1/,
        ],
        [
          'AGD_GRPC_ONLY',
          'true',
          /option grpc-only: AGD_GRPC_ONLY has "true": not supported/,
        ],
        [
          'AGD_OUTPUT',
          'xml',
          /option output: AGD_OUTPUT has "xml": expected text or json/,
        ],
        [
          'AGD_KEYRING_BACKEND',
          'none',
          /option keyring-backend: AGD_KEYRING_BACKEND has "none": expected os, file, kwallet, pass, test or memory/,
        ],
      ] as const) {
        await expectRefusal(t, args, expected, { env: { [name]: value } });
      }
    });
  });
}

test('commands that run no kernel refuse --split with that reason', async (t) => {
  await withTempDir(async (home) => {
    for (const command of [
      ['snapshots', 'list'],
      ['prune', 'everything'],
      ['comet', 'show-node-id'],
      ['comet', 'unsafe-reset-all'],
      ['query', 'block'],
    ]) {
      await expectRefusal(
        t,
        [...command, '--split', '--home', home],
        /^agd: agd .* needs no kernel: --split is an option of those that run it: start, export, snapshots restore$/,
      );
    }
  });
});

/** Commands that would leave the two stores at different heights, and the error of each. */
const refusals: readonly (readonly [string[], RegExp])[] = [
  [['rollback'], /store cannot go back with the chain's, .*backup/],
  [['rollback', '--hard', '--split'], /store cannot go back/],
  [['snapshots', 'export'], /let a node make snapshots, with --state-sync/],
  [['comet', 'reset-state'], /ahead of them; .*unsafe-reset-all/],
];

test('commands that would leave the two stores at different heights are refused with the reason', async (t) => {
  await withTempDir(async (dir) => {
    const home = join(dir, 'none');
    for (const [args, expected] of refusals) {
      const command = [...args, '--home', home];
      await expectRefusal(t, command, /^agd: agd .* is not supported: /);
      await expectRefusal(t, command, expected);
    }
    await t.throwsAsync(readdir(home), { code: 'ENOENT' }, 'nothing was done');
  });
});

test('agvm start passes flags on to agd', async (t) => {
  await withTempDir(async (home) => {
    await expectRefusal(
      t,
      ['start', '--split', '--frob', '--home', home],
      /^agd: unknown flag: --frob/,
      { file: agvm },
    );
  });
});

for (const mode of modes) {
  test(`${mode}: a bad option of start is named`, async (t) => {
    await withTempDir(async (home) => {
      const start = [
        'start',
        '--home',
        home,
        `--split=${String(mode === 'split')}`,
      ];
      const refusals: readonly (readonly [string[], RegExp])[] = [
        [['extra'], /agd start takes no arguments, got "extra"/],
        [['--split=perhaps'], /--split: expected true or false, got "perhaps"/],
        [
          ['--log_level', 'loud'],
          /option log_level: --log_level has "loud": expected trace, debug/,
        ],
        [['--log_format', 'yaml'], /log_format \(must be 'plain' or 'json'\)/],
        [['--block-executor', 'block-stm'], /block-stm is not supported: /],
        [['--with-comet=false'], /--with-comet=false is not supported/],
        [['--home', ''], /--home must not be empty/],
      ];
      for (const [args, expected] of refusals) {
        await expectRefusal(t, [...start, ...args], expected);
      }
    });
  });
}

test('a syntax error in a configuration file is named with its line', async (t) => {
  await withTempDir(async (home) => {
    await runAgd(home, ['init', 'test']); // writes the files with their defaults
    for (const name of ['app', 'client', 'config']) {
      const file = join(home, 'config', `${name}.toml`);
      const good = await readFile(file, 'utf8');
      await appendFile(file, 'broken = [\n');
      const line = String(good.split('\n').length);
      const expected = new RegExp(`${name}\\.toml:${line}:\\d+: toml: `);
      for (const mode of modes) {
        const split = `--split=${String(mode === 'split')}`;
        await expectRefusal(t, ['start', split, '--home', home], expected);
      }
      await writeFile(file, good);
    }
  });
});

test('config set refuses what start could not read, and writes all or nothing', async (t) => {
  await withTempDir(async (home) => {
    await runAgd(home, ['init', 'test']);
    const set = async (args: string[], expected: RegExp): Promise<void> =>
      expectRefusal(t, ['config', 'set', ...args, '--home', home], expected);
    await set(
      ['app', 'split', 'maybe'],
      /^agd: split: expected a value such as false, got "maybe"/m,
    );
    await set(
      ['app', 'splt', 'true'],
      /app\.toml has no key "splt": did you mean split\?/,
    );
    await set(
      ['client', 'node', 'foo'],
      /node: expected SCHEME:\/\/HOST:PORT, such as .*, got "foo"/,
    );
    await set(
      ['ap', 'split', 'true'],
      /no configuration file "ap"; there are app,/,
    );
    await set(['app', 'split'], /expected a file, and pairs of a key and/);
    await set(['app', 'split', 'true', 'splt', 'true'], /no key "splt"/);
    const get = async (key: string): Promise<string> =>
      runAgd(home, ['config', 'get', 'app', key]);
    t.is(await get('split'), 'false', 'all or none');
    await runAgd(home, [
      ...['config', 'set', 'app', 'split', 'true', 'halt-height', '7'],
    ]);
    t.deepEqual([await get('split'), await get('halt-height')], ['true', '7']);
  });
});
