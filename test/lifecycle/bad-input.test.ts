import { createServer } from 'node:net';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test, { type ExecutionContext } from 'ava';

import {
  bootedHome,
  editGenesis,
  freshHome,
  withTempDir,
} from '../support/homes.js';
import {
  AgdNode,
  modes,
  nodePorts,
  runAgd,
  startArgs,
  type NodeOptions,
} from '../support/node.js';
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
    `${mode}: a port in use is named, before the kernel boots`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const ports = await nodePorts();
        const server = createServer();
        await new Promise<void>((resolve) =>
          server.listen(ports.rpc, '127.0.0.1', resolve),
        );
        await expectRefusal(
          t,
          startArgs({ home, mode, ports }),
          new RegExp(
            `rpc.laddr: .*:${String(ports.rpc)}: .*address already in use`,
          ),
        );
        await new Promise((resolve) => server.close(resolve));
        await expectStarts(t, { home, mode, ports }, 3);
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
            /the genesis ".*genesis\.json" differs in "app_state\.swingset" from the one that this chain began with: restore the file, or begin anew with `agd comet unsafe-reset-all`/,
          );
          // Only its layout is another.
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
      [['swingset', 'deliver', '[['], /expected \[\[\[number,text\],…\],ack\]/],
      [
        ['swingset', 'provision-one', 'me', 'nobody', 'SMART_WALLET'],
        /decoding bech32 failed/,
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
