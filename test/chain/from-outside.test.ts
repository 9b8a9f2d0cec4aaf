// What clients and operators see of a chain, on two nodes, one in each mode:
// queries, the balances that the kernel is told of, its log and its archives.
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { Client as GrpcClient, Metadata, credentials } from '@grpc/grpc-js';
import { freePorts } from '@agd-bridge/chain-kit';
import test from 'ava';

import { bootedFollower, bootedHome } from '../support/homes.js';
import { AgdNode, address, nodePorts, runAgd } from '../support/node.js';
import { patience } from '../support/process.js';

/** The driver that the kernel's store uses. */
const Database = createRequire(import.meta.url)('better-sqlite3') as new (
  path: string,
  options: { readonly: boolean },
) => {
  prepare: (sql: string) => { get: () => unknown };
  close: () => void;
};

/** A node, and the file of its kernel's log. */
interface Seen {
  readonly node: AgdNode;
  readonly slog: string;
}

let dir = '';
let rest = '';
const seen: Seen[] = [];

/** The accounts of the transactions, by what they are. */
const who = { alice: '', bob: '', fees: '', bonded: '', unbonding: '' };
/** The blocks of the transactions. */
const did = { send: 0, delegate: 0, fail: 0, unbond: 0, act: 0 };
/** A block that both nodes have committed. */
let last = 0;

/** So many actions give a vat more than one heap snapshot. */
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

/** Writes the kernel's options into app.toml, and more. */
async function configure(home: string, more: readonly string[]): Promise<void> {
  await runAgd(home, [
    ...['config', 'set', 'app', 'swingset.slogfile', 'kernel.slog'],
    ...['swingset.vat-transcript-archive-dir', 'transcripts'],
    ...['swingset.vat-snapshot-archive-dir', 'snapshots'],
    ...more,
  ]);
}

/** Sends the transactions. */
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
  who.fees = module('fee_collector');
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

/** Sends a transaction that fails in its block, and returns which that is. */
async function failed(node: AgdNode, ...args: string[]): Promise<number> {
  const sent = JSON.parse(
    await node.agd('tx', ...args, '--yes', '--output', 'json'),
  ) as { txhash: string };
  const done = JSON.parse(await node.waitTx(sent.txhash)) as {
    height: string;
    code: number;
  };
  if (done.code === 0) throw new Error('it succeeded');
  return Number(done.height);
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

/** A balance update's row. */
interface Balance {
  readonly address: string;
  readonly denom: string;
  readonly amount: string;
}

/** What the kernel logs (its "slog"): a line for each. */
interface SlogEntry {
  readonly type: string;
  readonly blockHeight?: number;
  readonly crankNum?: number;
  readonly kd?: unknown;
  readonly source?: string;
  readonly body?: {
    readonly blockHeight: number;
    readonly nonce: number;
    readonly updated: readonly Balance[];
  };
}

/** The entries of blocks until `last`. @throws Error if a line is no JSON */
async function slogOf({ slog }: Seen): Promise<SlogEntry[]> {
  const text = await readFile(slog, 'utf8');
  const entries = text
    .slice(0, text.lastIndexOf('\n')) // the node writes on
    .split('\n')
    .map((line) => JSON.parse(line) as SlogEntry);
  const end = entries.findIndex(
    ({ type, blockHeight }) =>
      type === 'cosmic-swingset-begin-block' && blockHeight === last + 1,
  );
  if (end < 0) throw new Error(`${slog}: block ${String(last)} is not there`);
  return entries.slice(0, end);
}

/** The balance updates among them. */
const updatesOf = (entries: readonly SlogEntry[]) =>
  entries.flatMap(({ type, source, body }) =>
    type === 'cosmic-swingset-bridge-inbound' && source === 'bank' && body
      ? [body]
      : [],
  );

test('the kernel is told of exactly the balances that a block changed, in one order, in both modes', async (t) => {
  const [leader, follower] = nodes();
  const updates = updatesOf(await slogOf(leader));
  t.deepEqual(updatesOf(await slogOf(follower)), updates);
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
  const known: string[] = Object.values(who); // others are paid the fees of blocks before
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
    // Its fee is paid, and nothing else happened.
    [did.fail, { [`${bob} uist`]: '3', [`${fees} uist`]: '1' }],
    [
      did.unbond,
      {
        [`${bob} uist`]: '0',
        [`${bonded} ubld`]: '500000000003',
        [`${unbonding} ubld`]: '2',
        [`${fees} uist`]: '3',
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

test('the slog has every block, and the same deliveries in both modes; SLOGFILE outranks app.toml', async (t) => {
  const deliveries: unknown[] = [];
  for (const each of nodes()) {
    const entries = await slogOf(each);
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

test('closed transcripts and snapshots are archived, the same in both modes; the store keeps what app.toml says', async (t) => {
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

/** What the kernel's store still has of the demonstration vat's history. */
function kept(home: string): { snapshots: number; items: number } {
  const file = join(home, 'data', 'agoric', 'swingstore.sqlite');
  const store = new Database(file, { readonly: true });
  try {
    return store
      .prepare(
        `SELECT (SELECT count(*) FROM snapshots WHERE vatID = 'v1' AND compressedSnapshot IS NOT NULL) AS snapshots,
                (SELECT count(*) FROM transcriptItems WHERE vatID = 'v1') AS items`,
      )
      .get() as { snapshots: number; items: number };
  } finally {
    store.close();
  }
}

async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const signal = AbortSignal.timeout(patience);
  const response = await fetch(url, { signal, headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${String(response.status)}: ${text}`);
  return text;
}

/** A page of children, as every client sees it. */
interface Page {
  readonly children: readonly string[];
  readonly pagination?: { readonly next_key?: string | null };
}

/** The ways to query a node. */
interface Client {
  readonly data: (path: string, height?: number) => Promise<string>;
  readonly children: (path: string, key?: string) => Promise<Page>;
}

const pageSize = 2;

/** `agd query`. Its arguments say by what. */
function commandLine(node: AgdNode, ...to: string[]): Client {
  const query = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(
      await node.agd('query', 'vstorage', ...args, ...to, '--output', 'json'),
    ) as T;
  return {
    data: async (path, height) => {
      const at = height === undefined ? [] : ['--height', String(height)];
      const answer = await query<{ value?: string }>('data', path, ...at);
      return answer.value ?? '';
    },
    children: async (path, key) =>
      query(
        'children',
        path,
        '--page-limit',
        String(pageSize),
        ...(key === undefined ? [] : ['--page-key', key]),
      ),
  };
}

/** gRPC: the command line's pages, but data with a height, which the SDK's command line sends by RPC alone. */
function overGrpc(node: AgdNode): Client {
  const address = `127.0.0.1:${String(node.options.ports.grpc)}`;
  const { children } = commandLine(
    node,
    ...['--grpc-addr', address, '--grpc-insecure'],
  );
  return {
    children,
    data: async (path, height) => {
      const client = new GrpcClient(address, credentials.createInsecure());
      const metadata = new Metadata();
      if (height !== undefined) {
        metadata.set('x-cosmos-block-height', String(height));
      }
      try {
        return await new Promise<string>((resolve, reject) => {
          client.makeUnaryRequest(
            '/agoric.vstorage.Query/Data',
            shortString,
            (answer) => answer.subarray(2).toString(),
            path,
            metadata,
            (error, value) => {
              if (error) reject(error);
              else resolve(value ?? '');
            },
          );
        });
      } finally {
        client.close();
      }
    },
  };
}

/** A protobuf message whose first field is a text of less than 128 bytes, which is all there is in it. */
const shortString = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);

const overRest: Client = {
  data: async (path, height) => {
    const headers: Record<string, string> =
      height === undefined ? {} : { 'x-cosmos-block-height': String(height) };
    const text = await get(`${rest}/agoric/vstorage/data/${path}`, headers);
    return (JSON.parse(text) as { value: string }).value;
  },
  children: async (path, key) => {
    const page = new URLSearchParams({ 'pagination.limit': String(pageSize) });
    if (key !== undefined) page.set('pagination.key', key);
    const text = await get(
      `${rest}/agoric/vstorage/children/${path}?${page.toString()}`,
    );
    return JSON.parse(text) as Page;
  },
};

test('clients read chain storage by command line, gRPC and REST: now, at a height, page by page', async (t) => {
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
    REST: overRest,
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

test('an answer without content is whole, and nothing else is printed', async (t) => {
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
    // Without a height the SDK has a remark to make.
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

test('the other queries of the command line and REST', async (t) => {
  const [{ node }] = nodes();
  const query = async (...args: string[]): Promise<unknown> =>
    JSON.parse(await node.agd('query', ...args, '--output', 'json'));
  const both = async (module: string, what: string): Promise<unknown> => {
    const at = String(last); // some of it changes in every block
    const answer = await query(module, what, '--height', at);
    const text = await get(`${rest}/agoric/${module}/${what}`, {
      'x-cosmos-block-height': at,
    });
    t.like(JSON.parse(text), answer as object, `${module} ${what}`); // the command line has no zeros
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
  const updates = updatesOf(await slogOf(nodes()[0]));
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

test('the block says what changed in chain storage', async (t) => {
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
