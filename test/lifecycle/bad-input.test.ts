import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import {
  bootedHome,
  editGenesis,
  freshHome,
  withTempDir,
} from '../support/homes.js';
import { withListener } from '../support/listener.js';
import {
  AgdNode,
  modes,
  nodePorts,
  runAgd,
  startArgs,
  type NodeOptions,
  type Ports,
} from '../support/node.js';
import { Process } from '../support/process.js';
import { startWithVm } from '../support/kernelless.js';
import { expectRefusal } from '../support/refusal.js';

const failingVm = join(import.meta.dirname, 'fixture-failing-vm.ts');

/** After the failure, the same home starts. */
async function expectStarts(
  t: ExecutionContext,
  options: NodeOptions,
  height = 1,
): Promise<void> {
  const node = new AgdNode(options);
  try {
    t.true((await node.height(height)) >= height);
    t.deepEqual(await node.stop(), { code: 98, signal: null });
  } finally {
    await node.kill();
  }
}

/** Options with addresses at which no process can listen, and the error of each. */
const badAddresses = (
  dir: string,
  { rpc, p2p }: Ports,
): readonly (readonly [string[], RegExp])[] => [
  [
    ['--api.enable', '--api.address=127.0.0.1:0'],
    /api\.address: expected tcp:\/\/HOST:PORT or unix:\/\/PATH, got "127/,
  ],
  [
    [`--grpc.address=unix://${dir}/grpc`],
    /grpc\.address: expected HOST:PORT, without a scheme, got "unix:/,
  ],
  [
    [`--grpc.address=127.0.0.1:${String(rpc)}`],
    /grpc\.address: .*address already in use \(rpc\.laddr has the same/,
  ],
  [
    [`--vm-inspect=127.0.0.1:${String(p2p)}`],
    /p2p\.laddr: .*address already in use \(--vm-inspect has the same/,
  ],
];

/** Leaves a socket without a listener, as a killed process does. */
async function leaveSocket(path: string): Promise<void> {
  const listen = `require('net').createServer().listen(process.argv[1], () => console.log('up'))`;
  const other = new Process('node', ['-e', listen, path]);
  await other.line((line) => line === 'up' || undefined);
  await other.kill();
}

test('an unknown command is named', async (t) => {
  await expectRefusal(t, ['frobnicate'], /unknown command "frobnicate"/);
});

test('an unknown flag is named, with where to look', async (t) => {
  await expectRefusal(
    t,
    ['start', '--frobnicate'],
    /unknown flag: --frobnicate \(see "agd start --help"\)/,
  );
});

test('export says for which exports --split is', async (t) => {
  await expectRefusal(
    t,
    ['export', '--split'],
    /--split is for exports with --export-dir/,
  );
});

for (const mode of modes) {
  test.serial(
    `${mode}: an address in use, given twice, or malformed is named, before the kernel boots; a stale socket is removed`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const ports = await nodePorts();
        await withListener(ports.rpc, async () => {
          await expectRefusal(
            t,
            startArgs({ home, mode, ports }),
            new RegExp(
              `rpc.laddr: .*:${String(ports.rpc)}: .*address already in use`,
            ),
          );
        });
        for (const [more, expected] of badAddresses(dir, ports)) {
          await expectRefusal(
            t,
            [...startArgs({ home, mode, ports }), ...more],
            expected,
          );
        }
        const socket = join(dir, 'api');
        await leaveSocket(socket);
        const args = ['--api.enable', `--api.address=unix://${socket}`];
        await expectStarts(t, { home, mode, ports, args }, 3);
      });
    },
  );

  test.serial(`${mode}: a corrupt genesis is named`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const ports = await nodePorts();
      const file = join(home, 'config', 'genesis.json');
      const good = await readFile(file, 'utf8');
      await writeFile(file, good.slice(0, good.length / 2));
      await expectRefusal(
        t,
        startArgs({ home, mode, ports }),
        /genesis .*genesis\.json: /,
      );
      await writeFile(file, good);
      await expectStarts(t, { home, mode, ports }, 3);
    });
  });

  test.serial(
    `${mode}: a genesis with a field of another release is refused before the kernel starts`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        await editGenesis(home, ({ mint }) => {
          Object.assign(mint.params, { later: '1' });
        });
        await expectRefusal(
          t,
          startArgs({ home, mode, ports: await nodePorts() }),
          /^agd: genesis app_state\.mint: .*"later"/,
        );
        await expectRefusal(
          t,
          ['genesis', 'validate', '--home', home],
          /^agd: .*genesis\.json: genesis app_state\.mint: .*"later"/,
        );
      });
    },
  );

  test.serial(
    `${mode}: a genesis with an account type of Agoric's fork of the SDK is refused by the field and the reason`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        await editGenesis(home, ({ auth }) => {
          auth.accounts.push({
            '@type': '/cosmos.vesting.v1beta1.ClawbackVestingAccount',
            base_vesting_account: {},
          });
        });
        const start = startArgs({ home, mode, ports: await nodePorts() });
        const file = join(home, 'config', 'genesis.json');
        for (const args of [
          start,
          ['genesis', 'validate', '--home', home],
          ['genesis', 'validate', file],
        ]) {
          await expectRefusal(
            t,
            args,
            /genesis app_state\.auth\.accounts\[\d+\]: this build has no type "\/cosmos\.vesting\.v1beta1\.ClawbackVestingAccount": only Agoric's fork of the Cosmos SDK has clawback vesting accounts: /,
          );
        }
      });
    },
  );

  test.serial(
    `${mode}: a validator without its state is refused`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const args = startArgs({ home, mode, ports: await nodePorts() });
        const file = join(home, 'data', 'priv_validator_state.json');
        await writeFile(file, '{');
        await expectRefusal(t, args, /validator's state, .*_state\.json: /);
        await rm(file);
        await expectRefusal(
          t,
          args,
          /validator's state, .*_state\.json: no such/,
        );
      });
    },
  );

  test.serial(
    `${mode}: damaged files of the home are named before the kernel starts`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const args = startArgs({ home, mode, ports: await nodePorts() });
        for (const [file, text] of [
          ['config/addrbook.json', '[]'],
          ['config/addrbook.json', ''],
          ['config/node_key.json', '{}'],
          ['config/app.toml', ''],
          ['data/state.db/CURRENT', ''],
          ['data/agoric/swingstore.sqlite', 'no database'],
        ] as const) {
          const path = join(home, file);
          const good = await readFile(path).catch(() => undefined);
          await writeFile(path, text);
          const named = file.replace('/CURRENT', '');
          await expectRefusal(
            t,
            args,
            new RegExp(`^agd: .*${join(home, named)}: .*(restore|remove)`),
          );
          if (good === undefined) await rm(path);
          else await writeFile(path, good);
        }
        await rm(join(home, 'data', 'blockstore.db'), { recursive: true });
        await expectRefusal(
          t,
          args,
          /^agd: \S*blockstore\.db has no block, but \S*state\.db is at height \d+: they belong together: restore/,
        );
      });
    },
  );

  test.serial(`${mode}: the home of another chain is refused`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const ports = await nodePorts();
      const file = join(home, 'config', 'genesis.json');
      const good = await readFile(file, 'utf8');
      await writeFile(file, good.replace('agd-test', 'agd-other'));
      await expectRefusal(
        t,
        startArgs({ home, mode, ports }),
        /data in .* are of chain agd-test, but the genesis is of chain agd-other/,
      );
      await writeFile(file, good);
      await expectRefusal(
        t,
        startArgs({ home, mode, ports, args: ['--chain-id', 'agd-other'] }),
        /--chain-id is agd-other, but .* chain agd-test/,
      );
      await expectStarts(t, { home, mode, ports }, 3);
    });
  });

  test.serial(
    `${mode}: an edited genesis is refused once the chain has begun with it`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        const options = { home, mode, ports: await nodePorts() };
        const file = join(home, 'config', 'genesis.json');
        const good = await readFile(file, 'utf8');
        const expectEditRefused = async (): Promise<void> => {
          await editGenesis(home, (state) => {
            Object.assign(state.swingset.params, {
              bootstrap_vat_config: 'another',
            });
          });
          await expectRefusal(
            t,
            startArgs(options),
            /the genesis ".*genesis\.json" differs in "app_state\.swingset" from the one that this chain began with: restore the file, or begin anew with "agd comet unsafe-reset-all --home .*"/,
          );
          // Only its layout differs.
          await writeFile(file, JSON.stringify(JSON.parse(good)));
        };
        // After InitChain, in the first block, and after it.
        for (const failAt of ['1', '3']) {
          const env = { FAIL_AT: failAt };
          const node = startWithVm(failingVm, { ...options, env });
          try {
            t.deepEqual(await node.exited, { code: 99, signal: null });
          } finally {
            await node.kill();
          }
          await expectEditRefused();
        }
      });
    },
  );

  test.serial(
    `${mode}: a kernel that cannot boot says why, and the next try works`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        const ports = await nodePorts();
        const configure = async (spec: string): Promise<void> =>
          editGenesis(home, (state) => {
            Object.assign(state.swingset.params, {
              bootstrap_vat_config: spec,
            });
          });
        await configure('@agd-bridge/vats/no-such-config.json');
        await expectRefusal(
          t,
          startArgs({ home, mode, ports }),
          /no-such-config\.json/,
          { code: 99 },
        );
        await configure('@agd-bridge/vats/bank-config.json');
        await expectStarts(t, { home, mode, ports });
      });
    },
  );
}

test('a bad message is refused before it is sent', async (t) => {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    const [permit, code] = [join(dir, 'permit.json'), join(dir, 'code.js')];
    await writeFile(permit, '{bank: true}');
    await writeFile(code, '0');
    const coreEval = ['submit-legacy-proposal', 'swingset-core-eval'];
    const rows: readonly (readonly [string[], RegExp])[] = [
      [['swingset', 'wallet-action', '{"method":'], /the action is not JSON/],
      [
        ['swingset', 'wallet-action', 'nonsense', '--allow-spend'],
        /the action is not JSON/,
      ],
      [
        ['swingset', 'install-bundle', '{"moduleFormat"'],
        /the bundle is not a JSON object/,
      ],
      [['swingset', 'install-bundle', `@${dir}/none`], /none: no such file/],
      [
        ['swingset', 'deliver', '[['],
        /expected MESSAGES as \[\[\[number,text\],…\],ack\]/,
      ],
      [
        ['swingset', 'provision-one', 'me', 'nobody', 'SMART_WALLET'],
        /"nobody" is neither an account's address nor the name of a key: /,
      ],
      [
        [
          'gov',
          ...coreEval,
          permit,
          code,
          '--title',
          'a',
          '--description',
          'b',
        ],
        /permit\.json, .*code\.js: json_permits is not JSON: invalid request$/,
      ],
      [['gov', ...coreEval, permit], /expected pairs of files/],
    ];
    for (const [args, expected] of rows) {
      // Nothing listens at this address.
      const to = ['--from', 'alice', '--yes', '--node', 'tcp://127.0.0.1:1'];
      await expectRefusal(t, ['tx', ...args, ...to, '--home', home], expected);
    }
  });
});

test('a bad value in app.toml is named with its option', async (t) => {
  await withTempDir(async (dir) => {
    const home = await freshHome(dir);
    const file = join(home, 'config', 'app.toml');
    const good = await readFile(file, 'utf8');
    await writeFile(file, good.replace('split = false', 'split = "perhaps"'));
    const ports = await nodePorts();
    const args = startArgs({ home, mode: 'split', ports });
    await expectRefusal(
      t,
      args.filter((arg) => !arg.startsWith('--split')),
      /split/,
    );
    t.is(await runAgd(home, ['config', 'home']), home);
  });
});
