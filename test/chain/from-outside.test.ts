// A chain as clients and operators see it, on two nodes, one in each mode:
// queries, the balances that the kernel receives, its log and its archives.
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { freePorts } from '@agd-bridge/chain-kit';
import test from 'ava';

import { bootedFollower, bootedHome } from '../support/homes.js';
import { AgdNode, address, nodePorts } from '../support/node.js';

import {
  commandLine,
  failed,
  get,
  overGrpc,
  overRest,
  pageSize,
  type Page,
} from './clients.js';
import { configure, kept, slogOf, updatesOf } from './kernel-logs.js';

/** A node, and the file of its kernel's log. */
interface Seen {
  readonly node: AgdNode;
  readonly slog: string;
}

let dir = '';
let rest = '';
const seen: Seen[] = [];

/** Addresses of the accounts in the transactions. */
const who = { alice: '', bob: '', fees: '', bonded: '', unbonding: '' };
/** Heights of the transactions' blocks. */
const did = { send: 0, delegate: 0, fail: 0, unbond: 0, act: 0 };
/** Height of a block that both nodes have committed. */
let last = 0;

/** Wallet actions to send: enough for more than one heap snapshot of the vat. */
const actions = 200;

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agd-outside-'));
  const [api = 0] = await freePorts(1);
  rest = `http://127.0.0.1:${String(api)}`;
  const home = await bootedHome(dir);
  await configure(home, [
    ...['swingset.vat-snapshot-retention', 'debug'],
    ...['swingset.vat-transcript-retention', 'archival'],
    ...['api.enable', 'true', 'api.address', rest.replace('http', 'tcp')],
    ...['api.swagger', 'true'],
  ]);
  const leader = new AgdNode({ home, mode: 'split', ports: await nodePorts() });
  seen.push({ node: leader, slog: join(home, 'kernel.slog') });

  const other = await bootedFollower(dir, leader);
  await configure(other, []);
  const slog = join(dir, 'follower.slog');
  const follower = new AgdNode({
    home: other,
    mode: 'in-process',
    ports: await nodePorts(),
    env: { SLOGFILE: slog },
  });
  seen.push({ node: follower, slog });

  await act(leader);
  last = await leader.height(did.act + 1);
  await follower.height(last + 1);
});

test.after.always(async () => {
  await Promise.all(seen.map(async ({ node }) => node.kill()));
  await rm(dir, { recursive: true, force: true });
});

const nodes = (): readonly [leader: Seen, follower: Seen] =>
  seen as [Seen, Seen];

/** Sends all transactions, and notes accounts and heights. */
async function act(node: AgdNode): Promise<void> {
  const { home } = node.options;
  const ask = async (...query: string[]): Promise<unknown> =>
    JSON.parse(await node.agd('query', ...query, '--output', 'json'));
  who.alice = await address(home, 'alice');
  who.bob = await address(home, 'bob');
  did.send = await node.tx('bank', 'send', 'alice', who.bob, '7uist');

  const { accounts } = (await ask('auth', 'module-accounts')) as {
    accounts: { value: { name: string; address: string } }[];
  };
  const module = (wanted: string): string =>
    accounts.find(({ value }) => value.name === wanted)?.value.address ?? '';
  who.fees = module('vbank/reserve');
  who.bonded = module('bonded_tokens_pool');
  who.unbonding = module('not_bonded_tokens_pool');
  const { validators } = (await ask('staking', 'validators')) as {
    validators: { operator_address: string }[];
  };
  const validator = validators[0]?.operator_address ?? '';
  const fee = ['--fees', '3uist', '--gas', '400000', '--from', 'bob'];
  did.delegate = await node.tx(
    'staking',
    'delegate',
    validator,
    '5ubld',
    ...fee,
  );
  did.fail = await failed(
    node,
    ...['bank', 'send', 'bob', who.alice, '1000000000ubld'],
    ...['--fees', '1uist'],
  );
  did.unbond = await node.tx('staking', 'unbond', validator, '2ubld', ...fee);
  did.act = await actOften(node);
}

/** Sends one transaction with many wallet actions. */
async function actOften(node: AgdNode): Promise<number> {
  const { home } = node.options;
  const tx = JSON.parse(
    await node.agd(
      ...['tx', 'swingset', 'wallet-action', '{}', '--from', 'alice'],
      ...['--gas', '30000000', '--generate-only', '--output', 'json'],
    ),
  ) as { body: { messages: unknown[] } };
  tx.body.messages = Array.from({ length: actions }, () => tx.body.messages[0]);
  const file = join(home, 'actions.json');
  await writeFile(file, JSON.stringify(tx));
  const signed = await node.agd('tx', 'sign', file, '--from', 'alice');
  await writeFile(file, signed);
  return node.tx('broadcast', file);
}

test('the kernel receives exactly the balances that a block changed, in the same order in both modes', async (t) => {
  const [leader, follower] = nodes();
  const updates = updatesOf(await slogOf(leader.slog, last));
  t.deepEqual(updatesOf(await slogOf(follower.slog, last)), updates);
  t.is(
    await follower.node.appHash(last - 1),
    await leader.node.appHash(last - 1),
  );

  const [first] = updates;
  for (const [index, { nonce, updated }] of updates.entries()) {
    t.is(nonce, (first?.nonce ?? 0) + index, 'nonces have no gap');
    const keys = updated.map((row) => `${row.address} ${row.denom}`);
    t.deepEqual(keys, [...new Set(keys)].sort(), 'ordered, each once');
  }
  const known: string[] = Object.values(who); // other accounts receive fees of earlier blocks
  const { alice, bob, fees, bonded, unbonding } = who;
  for (const [height, wanted] of [
    [did.send, { [`${alice} uist`]: '999999999993', [`${bob} uist`]: '7' }],
    [
      did.delegate,
      {
        [`${bob} ubld`]: '999995',
        [`${bob} uist`]: '4',
        [`${bonded} ubld`]: '500000000005',
        [`${fees} uist`]: '3',
      },
    ],
    // Only its fee is paid.
    [did.fail, { [`${bob} uist`]: '3', [`${fees} uist`]: '4' }],
    [
      did.unbond,
      {
        [`${bob} uist`]: '0',
        [`${bonded} ubld`]: '500000000003',
        [`${unbonding} ubld`]: '2',
        [`${fees} uist`]: '7',
      },
    ],
  ] as const) {
    const rows = updates
      .filter(({ blockHeight }) => blockHeight === height)
      .flatMap(({ updated }) => updated)
      .filter((row) => known.includes(row.address))
      .map((row) => [`${row.address} ${row.denom}`, row.amount]);
    t.deepEqual(Object.fromEntries(rows), wanted, String(height));
  }
});

test('the slog has every block, and the same deliveries in both modes; SLOGFILE overrides app.toml', async (t) => {
  const deliveries: unknown[] = [];
  for (const each of nodes()) {
    const entries = await slogOf(each.slog, last);
    for (const type of ['begin-block', 'commit-block-finish']) {
      const heights = entries
        .filter((entry) => entry.type === `cosmic-swingset-${type}`)
        .map(({ blockHeight = 0 }) => blockHeight);
      const [first = 0] = heights;
      t.is(heights.at(-1), last, type);
      t.deepEqual(
        heights,
        heights.map((_, index) => first + index),
      );
    }
    const delivered = entries.filter(({ type }) => type === 'deliver');
    t.true(delivered.length >= actions);
    deliveries.push(delivered.map(({ crankNum, kd }) => [crankNum, kd]));
  }
  t.deepEqual(deliveries[1], deliveries[0]);
  const [, follower] = nodes();
  const files = await readdir(follower.node.options.home);
  t.false(files.includes('kernel.slog'), files.join(' '));
});

test('the kernel forces a garbage collection at most every 5 s, in both modes', async (t) => {
  for (const { slog } of nodes()) {
    const stats = (await slogOf(slog, last)).filter(
      ({ type }) => type === 'cosmic-swingset-after-commit-stats',
    );
    t.true(stats.length > 10);
    // One that does nothing takes microseconds, a real one many milliseconds. On
    // a busy machine the former may take some, too.
    const took = stats.map(({ statsTime }) => statsTime!.forcedGc);
    const real = Math.max(2, Math.max(...took) / 3);
    const forced = stats.filter(({ statsTime }) => statsTime!.forcedGc > real);
    t.true(forced.length > 0, 'it still does');
    for (const [index, { time }] of forced.slice(1).entries()) {
      const since = time - forced[index]!.time;
      t.true(since > 4.9, `${String(since)} s`);
    }
  }
});

test('closed transcripts and snapshots are archived, the same ones in both modes; the store keeps what app.toml configures', async (t) => {
  const archived: Record<string, string[]>[] = [];
  for (const { node } of nodes()) {
    const { home } = node.options;
    const names: Record<string, string[]> = {};
    for (const archive of ['transcripts', 'snapshots']) {
      const files = (await readdir(join(home, archive))).sort();
      t.true(files.length > 0, `${archive} of ${home}`);
      for (const file of files) {
        const content = gunzipSync(await readFile(join(home, archive, file)));
        t.true(content.length > 100, file);
      }
      names[archive] = files;
    }
    archived.push(names);
  }
  t.deepEqual(archived[1], archived[0]);

  const [all, needed] = nodes().map(({ node }) => kept(node.options.home));
  t.is(needed?.snapshots, 1);
  t.true((all?.snapshots ?? 0) > 1, JSON.stringify(all));
  t.true((needed?.items ?? actions) < actions, JSON.stringify(needed));
  t.true((all?.items ?? 0) >= actions, JSON.stringify(all));
});

test('clients read chain storage over command line, gRPC and REST: latest, at a height, in pages', async (t) => {
  const [{ node }] = nodes();
  const path = `published.bank.${who.bob}`;
  const all = JSON.parse(
    await node.agd(
      ...['query', 'vstorage', 'keys', 'published.bank', '--output', 'json'],
    ),
  ) as Page;
  t.deepEqual([...all.children].sort(), all.children);
  t.true(all.children.length > pageSize && all.children.includes(who.bob));

  for (const [name, client] of Object.entries({
    'the command line': commandLine(node),
    gRPC: overGrpc(node),
    REST: overRest(rest),
  })) {
    const uist = async (height?: number): Promise<unknown> =>
      (JSON.parse(await client.data(path, height)) as { uist?: unknown }).uist;
    t.is(await uist(did.send - 1), undefined, name);
    t.is(await uist(did.send), '7', name);
    t.is(await uist(did.delegate), '4', name);
    t.is(await uist(), undefined, name);
    t.is(await client.data('published.nothing'), '', name);
    await t.throwsAsync(client.data('published..bank'), {
      message: /contains doubled separators/,
    });

    const children: string[] = [];
    let key: string | undefined;
    do {
      const page = await client.children('published.bank', key);
      t.true(page.children.length <= pageSize, name);
      children.push(...page.children);
      key = page.pagination?.next_key ?? undefined;
    } while (key !== undefined);
    t.deepEqual(children, all.children, name);
  }
});

test('an empty response is complete JSON, and nothing else is printed', async (t) => {
  for (const { node } of nodes()) {
    const query = async (...args: string[]): Promise<unknown> =>
      JSON.parse(await node.agd('query', ...args, '--output', 'json'));
    const nothing = 'published.nothing';
    t.deepEqual(await query('vstorage', 'data', nothing), { value: '' });
    t.deepEqual(await query('vstorage', 'path', nothing), { value: '' });
    for (const args of [
      ['children', nothing],
      ['keys', nothing],
      ['path', `${nothing}.`],
    ]) {
      const answer = await query('vstorage', ...args);
      t.deepEqual(answer, { children: [], pagination: null }, args[0]);
    }
    // Without a height the SDK would print an extra line.
    t.true(Number(heightOf(await query('block'))) >= last);
    for (const [args, least] of [
      [[String(last)], last],
      [[], last],
    ] as const) {
      const { height } = (await query('block-results', ...args)) as {
        height: number;
      };
      t.true(height >= least);
    }
  }
});

const heightOf = (block: unknown): string =>
  (block as { header: { height: string } }).header.height;

test("api.swagger serves the SDK's page", async (t) => {
  t.regex(await get(`${rest}/swagger/`), /<div id="swagger-ui">/);
});

test('the command line and REST return the same for the other queries', async (t) => {
  const [{ node }] = nodes();
  const query = async (...args: string[]): Promise<unknown> =>
    JSON.parse(await node.agd('query', ...args, '--output', 'json'));
  const both = async (module: string, what: string): Promise<unknown> => {
    const at = String(last); // some values change in every block
    const answer = await query(module, what, '--height', at);
    const text = await get(`${rest}/agoric/${module}/${what}`, {
      'x-cosmos-block-height': at,
    });
    t.like(JSON.parse(text), answer as object, `${module} ${what}`); // the command line omits zeros
    return answer;
  };
  const published = (await query('vstorage', 'path', 'published.')) as Page;
  t.deepEqual(published.children, ['bank', 'wallet']);
  const root = (await query('vstorage', 'children')) as Page;
  t.true(root.children.includes('published'));
  const path = `published.bank.${who.bob}`;
  t.deepEqual(
    await query('vstorage', 'path', path),
    await query('vstorage', 'data', path),
  );

  t.like(await both('vbank', 'params'), {
    params: { allowed_monitoring_accounts: ['*'] },
  });
  const updates = updatesOf(await slogOf(nodes()[0].slog, last));
  t.like(await both('vbank', 'state'), {
    state: { last_sequence: String(updates.at(-1)?.nonce) },
  });
  t.like(await both('swingset', 'params'), {
    params: { bootstrap_vat_config: '@agd-bridge/vats/bank-config.json' },
  });
  for (const [what, path] of [
    ['egress', 'egress'],
    ['mailbox', 'mailbox'],
  ] as const) {
    await t.throwsAsync(query('swingset', what, who.bob), {
      message: new RegExp(`${path} of ${who.bob} not found`),
    });
  }
});

test('the events of a block contain its changes of chain storage', async (t) => {
  const path = ['published', 'bank', who.bob];
  for (const { node } of nodes()) {
    const { finalize_block_events: events } = await node.rpc<{
      finalize_block_events: {
        type: string;
        attributes: { key: string; value: string }[];
      }[];
    }>(`block_results?height=${String(did.send)}`);
    const changes = events
      .filter(({ type }) => type === 'state_change')
      .map(({ attributes }) =>
        Object.fromEntries(attributes.map(({ key, value }) => [key, value])),
      );
    const change = changes.find(({ key }) => key === ['3', ...path].join('\0'));
    t.is(change?.['store'], 'vstorage');
    t.is(
      change?.['value'],
      await commandLine(node).data(path.join('.'), did.send),
    );
  }
});
