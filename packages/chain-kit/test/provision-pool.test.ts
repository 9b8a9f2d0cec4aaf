import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bech32 } from '@scure/base';
import test from 'ava';

import { fundProvisionPool, provisionPool } from '../src/provision-pool.js';

test('the provision pool is the module account vbank/provision', (t) => {
  const bytes = createHash('sha256').update('vbank/provision').digest();
  const words = bech32.toWords(bytes.subarray(0, 20));
  t.is(provisionPool, bech32.encode('agoric', words));
});

test('the fund is a balance and part of the supply', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'chain-kit-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const file = join(home, 'config', 'genesis.json');
  const supplies = [
    [],
    [{ denom: 'ubld', amount: '5' }],
    [
      { denom: 'ubld', amount: '5' },
      { denom: 'uist', amount: '1000000000000' },
    ],
  ];
  await mkdir(join(home, 'config'));
  for (const supply of supplies) {
    const bank = { balances: [], supply };
    await writeFile(file, JSON.stringify({ app_state: { bank } }));
    await fundProvisionPool(home);
    const had = supply.find(({ denom }) => denom === 'uist')?.amount ?? '0';
    const total = String(BigInt(had) + 1_000_000_000n);
    t.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
      app_state: {
        bank: {
          balances: [
            {
              address: provisionPool,
              coins: [{ denom: 'uist', amount: '1000000000' }],
            },
          ],
          supply: [
            ...supply.filter(({ denom }) => denom !== 'uist'),
            { denom: 'uist', amount: total },
          ],
        },
      },
    });
  }
});
