import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import test from 'ava';

import { FakeAgd, fakeChain, never, type Answer } from './fixture-agd.js';

/** The consensus parameters that the kernel requires. */
const params = {
  beans_per_unit: [
    { key: 'xsnapComputron', beans: '100' },
    { key: 'blockComputeLimit', beans: '800000000' },
    { key: 'vatCreation', beans: '30000000' },
  ],
  fee_unit_price: [{ denom: 'ubld', amount: '1000000' }],
  bootstrap_vat_config: '@agd-bridge/vats/bank-config.json',
  power_flag_fees: [],
  queue_max: [{ key: 'inbound', size: 1000 }],
  vat_cleanup_budget: [{ key: 'default', value: '5' }],
};

const dir = mkdtempSync(path.join(tmpdir(), 'agvm-kernel-'));
const booted = path.join(dir, 'booted');
const chain = fakeChain('7');

/**
 * A VM on a home, after INIT; `height` is the kernel's last committed block, 0
 * for none.
 */
async function start(
  home: string,
  height: number,
  answer: Answer = chain.answer,
): Promise<FakeAgd> {
  const agd = new FakeAgd(['start', '--home', home], answer);
  await agd.handshake();
  await agd.call('swingset.Init', {
    blockHeight: Math.max(height, 1),
    blockTime: 1_700_000_000 + height,
    chainID: 'test',
    isBootstrap: height === 0,
    params,
    supplyCoins: [],
  });
  return agd;
}

const block = (blockHeight: number) => ({
  blockHeight,
  blockTime: 1_700_000_000 + blockHeight,
});

/** Puts a changed balance into the action queue. */
function queueUpdate(height: number, denom: string) {
  const updated = [{ address: 'agoric1a', denom, amount: '1' }];
  const action = { type: 'VBANK_BALANCE_UPDATE', nonce: height, updated };
  const context = { blockHeight: height, txHash: 'x/vbank', msgIdx: 0 };
  chain.store.set('actionQueue.0', JSON.stringify({ action, context }));
  chain.store.set('actionQueue.tail', '1');
}

/** Begins a block in which an account's balance has changed. */
async function begin(agd: FakeAgd, height: number, denom: string) {
  queueUpdate(height, denom);
  await agd.call('swingset.BeginBlock', {
    ...block(height),
    chainID: 'test',
    params,
  });
}

async function commit(agd: FakeAgd, height: number) {
  await agd.call('swingset.CommitBlock', block(height));
  await agd.call('swingset.AfterCommitBlock', block(height));
}

/** The directory of a state snapshot, which another child process of the VM makes. */
async function exportOf(agd: FakeAgd, blockHeight: number): Promise<string> {
  const request = { blockHeight, blockTime: block(blockHeight).blockTime };
  const initiate = { ...request, request: 'initiate', args: [{}] };
  await agd.call('swingset.SwingStoreExport', initiate);
  const retrieve = { ...request, request: 'retrieve', args: [] };
  const dir = await agd.call('swingset.SwingStoreExport', retrieve);
  return dir as string;
}

/** See `workers.ts`: without it a worker ends at its next read. */
const hasParentDeathSignal =
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;

const published = () => chain.store.get('published.bank.agoric1a');

/**
 * The fields of /proc/PID/stat from the state on; undefined for a missing
 * process or a zombie.
 */
function processStat(pid: number) {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : { group: Number(group) };
  } catch {
    return undefined;
  }
}

function workersOf(agd: FakeAgd): number[] {
  const pid = String(agd.pid);
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((child) => child !== '')
    .map(Number);
}

/** Resolves when the processes have exited, rejects after a second. */
async function endSoon(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + 1000;
  while (pids.some((pid) => processStat(pid))) {
    if (Date.now() > deadline) throw new Error('workers outlive agvm');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A home of its own whose kernel has committed block 1. */
function bootedHome(name: string): string {
  const home = path.join(dir, name);
  cpSync(booted, home, { recursive: true });
  return home;
}

test.after.always(() => {
  rmSync(dir, { recursive: true, force: true });
});

test.serial(
  'the real kernel boots, runs a block on real workers, and stops on request',
  async (t) => {
    const agd = await start(booted, 0);
    try {
      await begin(agd, 1, 'uist');
      await agd.call('swingset.EndBlock', block(1));
      t.is(published(), '{"uist":"7"}');
      await commit(agd, 1);
      const workers = workersOf(agd);
      t.true(workers.length > 0);
      for (const worker of workers) {
        t.is(processStat(worker)?.group, worker, 'leads a group of its own');
      }
      const exportDir = await exportOf(agd, 1);
      t.true(existsSync(path.join(exportDir, 'export-manifest.json')));
      rmSync(exportDir, { recursive: true });
      agd.notify('agvm.Stop');
      t.deepEqual(await agd.exited, { code: 0, signal: null });
      await t.notThrowsAsync(endSoon(workers));
    } finally {
      await agd.kill();
    }
  },
);

test.serial(
  'a restarted kernel continues where it was; signals go to agd; its workers die with it',
  async (t) => {
    const agd = await start(bootedHome('killed'), 1);
    try {
      agd.child.kill('SIGTERM');
      t.deepEqual(await agd.notified(), ['agd.Stop', [{ signal: 'SIGTERM' }]]);
      agd.child.kill('SIGINT');
      t.deepEqual(await agd.notified(), [
        'agd.Stop',
        [{ signal: 'SIGINT', again: true }],
      ]);
      await begin(agd, 2, 'ubld');
      await agd.call('swingset.EndBlock', block(2));
      t.is(published(), '{"ubld":"7","uist":"7"}');
      const workers = workersOf(agd);
      t.true(workers.length > 0);
      if (hasParentDeathSignal && workers[0] !== undefined) {
        // Simulates a computing worker: it does not see the end of its pipe.
        process.kill(workers[0], 'SIGSTOP');
      }
      t.is((await agd.kill()).signal, 'SIGKILL');
      await t.notThrowsAsync(endSoon(workers));
    } finally {
      await agd.kill();
    }
  },
);

test.serial(
  'when agd dies during a downcall, the VM ends at once with its workers, and commits nothing',
  async (t) => {
    const home = bootedHome('closed');
    let inDowncall: () => void;
    const downcall = new Promise<void>((resolve) => {
      inDowncall = resolve;
    });
    const agd = await start(home, 1, (method, args) => {
      if (method !== 'vbank.GetBalance') return chain.answer(method, args);
      inDowncall();
      return never;
    });
    try {
      await begin(agd, 2, 'ubld');
      const ended = agd.call('swingset.EndBlock', block(2));
      await downcall;
      const workers = workersOf(agd);
      const start = Date.now();
      agd.close();
      await t.throwsAsync(ended, { message: /agvm ended/ });
      t.deepEqual(await agd.exited, { code: 1, signal: null });
      t.true(Date.now() - start < 3000);
      t.regex(agd.output, /^agvm: agd is gone: bridge closed by the peer$/m);
      await t.notThrowsAsync(endSoon(workers));
    } finally {
      await agd.kill();
    }
    // Block 2 is not in the kernel's store, so it can run again.
    const again = await start(home, 1);
    try {
      await begin(again, 2, 'ubld');
      await t.notThrowsAsync(again.call('swingset.EndBlock', block(2)));
    } finally {
      await again.kill();
    }
  },
);

test.serial(
  'in the locked-down realm, params that break their schema are refused, and a bad result of the chain ends the VM',
  async (t) => {
    const agd = await start(bootedHome('schemas'), 1, (method, args) =>
      method === 'vbank.GetBalance' ? 7 : chain.answer(method, args),
    );
    try {
      await t.throwsAsync(agd.call('swingset.BeginBlock', block(2)), {
        message: /swingset\.BeginBlock: params\[0\]\.chainID: missing/,
      });
      await begin(agd, 2, 'ubld');
      await t.throwsAsync(agd.call('swingset.EndBlock', block(2)));
      t.deepEqual(await agd.exited, { code: 1, signal: null });
      t.regex(
        agd.output,
        /^agvm: vbank\.GetBalance: result: expected decimal string$/m,
      );
    } finally {
      await agd.kill();
    }
  },
);

test.serial(
  "upstream's agd is served: no handshake, its own port numbers, end-of-file ends the VM",
  async (t) => {
    const ports = { storage: 11, swingset: 12, vbank: 13, vibc: 14 };
    const seen = new Set<number>();
    const agd = new FakeAgd(
      ['start', '--home', bootedHome('upstream'), '--log_level', 'info'],
      (method, args) => {
        t.is(method, 'agd.ReceiveMessage');
        const [{ Port, Data, NeedsReply }] = args as [
          { Port: number; Data: string; NeedsReply: boolean },
        ];
        t.true(NeedsReply);
        seen.add(Port);
        const { method: name = '', args: entries = [] } = JSON.parse(Data) as {
          method?: string;
          args?: unknown[];
        };
        switch (Port) {
          case ports.storage: {
            const [first = '', ...rest] = name;
            const ours = `vstorage.${first.toUpperCase()}${rest.join('')}`;
            return JSON.stringify(chain.answer(ours, entries));
          }
          case ports.vbank:
            return '"7"';
          default:
            return 'true';
        }
      },
    );
    const receive = async (action: object) =>
      agd.call('agvm.ReceiveMessage', {
        Port: 1,
        Data: JSON.stringify(action),
        NeedsReply: true,
      });
    try {
      const init = {
        type: 'AG_COSMOS_INIT',
        ...block(1),
        chainID: 'test',
        params,
        supplyCoins: [],
        storagePort: ports.storage,
        swingsetPort: ports.swingset,
        vbankPort: ports.vbank,
        vibcPort: ports.vibc,
      };
      t.is(await receive(init), 'true');
      queueUpdate(2, 'upstream');
      await receive({ type: 'BEGIN_BLOCK', ...block(2), params });
      t.is(await receive({ type: 'END_BLOCK', ...block(2) }), 'null');
      t.regex(String(published()), /"upstream":"7"/);
      t.deepEqual([...seen].sort(), [11, 12, 13]);
      agd.close();
      t.deepEqual(await agd.exited, { code: 0, signal: null });
    } finally {
      await agd.kill();
    }
  },
);

test.serial(
  'a kernel that cannot boot is reported in one line without a stack',
  async (t) => {
    const agd = new FakeAgd(
      ['start', '--home', path.join(dir, 'bad')],
      chain.answer,
    );
    try {
      await agd.handshake();
      const error = await t.throwsAsync(
        agd.call('swingset.Init', {
          ...block(1),
          chainID: 'test',
          isBootstrap: true,
          params: { ...params, bootstrap_vat_config: '@nowhere/config.json' },
          supplyCoins: [],
        }),
      );
      t.regex(error.message, /@nowhere/);
      t.notRegex(error.message, /\n/);
    } finally {
      await agd.kill();
    }
  },
);
