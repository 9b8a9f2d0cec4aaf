import {
  ClosedError,
  LocalError,
  ProtocolError,
  RemoteError,
} from '@agd-bridge/bridge';
import test from 'ava';

import {
  makeAdapter,
  withoutStack,
  type FromGo,
  type Schemas,
} from '../src/agcc.js';
import { MAX_TEXT_BYTES } from '../src/contract.js';

/** An adapter whose chain responds with `answer`. */
async function adapterWith(
  answer: (method: string, params: readonly string[]) => string,
) {
  const lost: Error[] = [];
  const adapter = makeAdapter({
    loadSchemas: async () => import('../src/schemas.js'),
    caller: () => ({
      callSync: answer,
      call: async () => Promise.reject(new Error('called')),
      notify: () => undefined,
    }),
    onLost: (error) => lost.push(error),
    storeState: () => '{"exists":false,"exportData":[],"height":0}',
  });
  return { ...adapter, agcc: await adapter.agcc(), lost };
}

const get = '{"args":["a"],"method":"get"}';

test("a downcall returns the result's text unchanged", async (t) => {
  const calls: unknown[] = [];
  const { agcc } = await adapterWith((method, params) => {
    calls.push([method, params]);
    return '"\\ud800 \\u0041"';
  });
  t.is(agcc.send(1, get), '"\\ud800 \\u0041"');
  t.deepEqual(calls, [['vstorage.Get', ['"a"']]]);
});

test("a message over the chain's limit is refused and not sent", async (t) => {
  const sent: number[] = [];
  const { agcc, lost } = await adapterWith((_method, params) => {
    sent.push(params.join().length);
    return 'true';
  });
  const set = (size: number) =>
    JSON.stringify({ args: [['a', 'x'.repeat(size)]], method: 'set' });
  const most = MAX_TEXT_BYTES - set(0).length;
  t.is(agcc.send(1, set(most)), 'true');
  t.deepEqual(JSON.parse(agcc.send(1, set(most + 1))), {
    error: 'the message has 67107841 bytes, of at most 67107840 (maxTextBytes)',
  });
  t.deepEqual(sent, [most + '["a",""]'.length]);
  t.deepEqual(lost, []);
  // The kernel ignores the chain's response about its own state.
  const method = 'swingStoreUpdateExportData';
  const state = JSON.stringify({ args: [['kv.a', 'x'.repeat(most)]], method });
  t.throws(() => agcc.send(2, state), { message: /\(maxTextBytes\)$/ });
  t.is(lost.length, 1);
});

test('a downcall that the chain refuses returns the refusal as a value', async (t) => {
  const { agcc, lost } = await adapterWith(() => {
    throw new RemoteError('no "such" path');
  });
  t.deepEqual(JSON.parse(agcc.send(1, get)), { error: 'no "such" path' });
  t.deepEqual(lost, []);
});

test("a downcall over this node's own limits ends the VM: others may have higher ones", async (t) => {
  const { agcc, lost } = await adapterWith(() => {
    throw new LocalError('frame too long');
  });
  const message = 'vstorage.Get: frame too long';
  t.throws(() => agcc.send(1, get), { message });
  t.is(lost[0]?.message, message);
});

test('an unknown message returns an error and is not sent', async (t) => {
  const { agcc } = await adapterWith(() => {
    t.fail('sent');
    return 'null';
  });
  t.is(
    agcc.send(3, '{"type":"VBANK_MINT"}'),
    JSON.stringify({ error: 'port vbank: no message with type "VBANK_MINT"' }),
  );
});

for (const error of [
  new ClosedError('bridge closed by the peer'),
  new ProtocolError('x'),
]) {
  test(`a downcall that fails by ${error.kind} error ends the VM`, async (t) => {
    const { agcc, lost } = await adapterWith(() => {
      throw error;
    });
    t.throws(() => agcc.send(1, get), { is: error });
    t.deepEqual(lost, [error]);
  });
}

test('params that break their schema return an error and are not sent', async (t) => {
  const { agcc, lost } = await adapterWith(() => {
    t.fail('sent');
    return 'null';
  });
  t.is(
    agcc.send(3, '{"denom":"uist","type":"VBANK_GET_BALANCE"}'),
    '{"error":"vbank.GetBalance: params[0].address: missing"}',
  );
  t.deepEqual(lost, []);
});

test('a result that breaks its schema is a protocol error, which ends the VM', async (t) => {
  const { agcc, lost } = await adapterWith(() => '17');
  t.throws(() => agcc.send(1, get), {
    instanceOf: ProtocolError,
    message: 'vstorage.Get: result: expected string or null',
  });
  t.is(lost.length, 1);
});

test("export data of the kernel's own that breaks its schema ends the VM", async (t) => {
  const { agcc, lost } = await adapterWith(() => 'true');
  t.throws(
    () => agcc.send(2, '{"args":[[1]],"method":"swingStoreUpdateExportData"}'),
    {
      message:
        'swingset.SwingStoreUpdateExportData: params[0][0]: expected non-empty string',
    },
  );
  t.is(lost.length, 1);
});

test('export data that the chain refuses ends the VM, because the kernel would not notice', async (t) => {
  const { agcc, lost } = await adapterWith(() => {
    throw new RemoteError('disk full');
  });
  t.throws(
    () => agcc.send(2, '{"args":[],"method":"swingStoreUpdateExportData"}'),
    {
      message: 'swingset.SwingStoreUpdateExportData: disk full',
    },
  );
  t.is(lost.length, 1);
});

/** A kernel that records actions; `settle` responds to the oldest. */
function fakeKernel() {
  const actions: {
    port: number;
    action: string;
    replier: Parameters<FromGo>[2];
  }[] = [];
  const fromGo: FromGo = (port, action, replier) =>
    actions.push({ port, action, replier });
  return { actions, fromGo };
}

const block = '{"blockHeight":1,"blockTime":2}';

test('upcalls before the kernel has connected reach it in order', async (t) => {
  const { agcc, handlers } = await adapterWith(() => 'null');
  const results = [
    'swingset.EndBlock',
    'swingset.CommitBlock',
    'swingset.AfterCommitBlock',
  ].map((method) => handlers[method]?.([block]));
  const { actions, fromGo } = fakeKernel();
  agcc.runAgCosmosDaemon(7, fromGo, []);
  const late = handlers['swingset.SwingStoreExport']?.([
    '{"request":"retrieve"}',
  ]);
  await Promise.resolve();
  t.deepEqual(
    actions.map(({ port, action }) => [
      port,
      (JSON.parse(action) as { type: string }).type,
    ]),
    [
      [7, 'END_BLOCK'],
      [7, 'COMMIT_BLOCK'],
      [7, 'AFTER_COMMIT_BLOCK'],
      [7, 'SWING_STORE_EXPORT'],
    ],
  );
  for (const { replier, action } of actions) {
    replier.resolve(action.includes('EXPORT') ? '"dir"' : 'null');
  }
  t.deepEqual(await Promise.all([...results, late]), [
    'null',
    'null',
    'null',
    '"dir"',
  ]);
});

test('upcalls before the checks are loaded wait for them, in order', async (t) => {
  let found: ((schemas: Schemas) => void) | undefined;
  const adapter = makeAdapter({
    loadSchemas: () => new Promise((resolve) => (found = resolve)),
    caller: () => {
      throw new Error('asked');
    },
    onLost: () => t.fail(),
    storeState: () => 'null',
  });
  const { actions, fromGo } = fakeKernel();
  const call = (method: string): void => {
    void adapter.handlers[method]?.([block]);
  };
  call('swingset.EndBlock');
  call('swingset.CommitBlock');
  const agcc = adapter.agcc();
  t.truthy(found);
  found?.(await import('../src/schemas.js'));
  call('swingset.AfterCommitBlock');
  (await agcc).runAgCosmosDaemon(7, fromGo, []);
  call('swingset.EndBlock');
  await Promise.resolve();
  t.deepEqual(
    actions.map(({ action }) => (JSON.parse(action) as { type: string }).type),
    ['END_BLOCK', 'COMMIT_BLOCK', 'AFTER_COMMIT_BLOCK', 'END_BLOCK'],
  );
});

test('an upcall with params that break their schema does not reach the kernel', async (t) => {
  const { agcc, handlers } = await adapterWith(() => 'null');
  const { actions, fromGo } = fakeKernel();
  agcc.runAgCosmosDaemon(1, fromGo, []);
  await t.throwsAsync(
    async () => handlers['swingset.EndBlock']?.(['{"blockHeight":"1"}']),
    {
      instanceOf: RemoteError,
      message: 'swingset.EndBlock: params[0].blockTime: missing',
    },
  );
  t.deepEqual(actions, []);
});

test("an action's answer that breaks its schema fails the upcall", async (t) => {
  const { agcc, handlers } = await adapterWith(() => 'null');
  const { actions, fromGo } = fakeKernel();
  agcc.runAgCosmosDaemon(1, fromGo, []);
  await Promise.resolve();
  const result = handlers['swingset.EndBlock']?.([block]);
  actions[0]?.replier.resolve('true');
  await t.throwsAsync(async () => result, {
    instanceOf: RemoteError,
    message: 'result: expected null',
  });
});

test('the kernel connects once', async (t) => {
  const { agcc } = await adapterWith(() => 'null');
  const { fromGo } = fakeKernel();
  agcc.runAgCosmosDaemon(1, fromGo, []);
  t.throws(() => {
    agcc.runAgCosmosDaemon(1, fromGo, []);
  });
});

test("a rejected action fails with the error's message, not its stack", async (t) => {
  const { agcc, handlers } = await adapterWith(() => 'null');
  const { actions, fromGo } = fakeKernel();
  agcc.runAgCosmosDaemon(1, fromGo, []);
  await Promise.resolve();
  const result = handlers['swingset.EndBlock']?.([block]);
  actions[0]?.replier.reject(new Error('two\nlines').stack ?? '');
  await t.throwsAsync(async () => result, { message: 'two\nlines' });
});

test('a stack is cut off wherever it begins', (t) => {
  t.is(
    withoutStack('Error: x\n    at f (/home/me/file.js:1:2)\n    at g'),
    'x',
  );
  t.is(
    withoutStack('TypeError: x\n  at async main (file:///a.js:1:1)'),
    'TypeError: x',
  );
  t.is(withoutStack('Error\n    at f (/a.js:1:2)'), 'Error');
  t.is(withoutStack('invalid requested port 3'), 'invalid requested port 3');
  t.is(withoutStack('Error: look at this\nat home'), 'look at this\nat home');
});

test("upstream's messages wrap the same kernel texts, under the chain's own port numbers", async (t) => {
  const calls: unknown[] = [];
  const { agcc, handlers, upstream } = await adapterWith((method, params) => {
    calls.push([method, params]);
    return JSON.stringify('"1e400"');
  });
  const { actions, fromGo } = fakeKernel();
  agcc.runAgCosmosDaemon(1, fromGo, []);
  const result = handlers['agvm.ReceiveMessage']?.([
    '{"Port":1,"Data":"{\\"type\\":\\"AG_COSMOS_INIT\\",\\"storagePort\\":31}","NeedsReply":true}',
  ]);
  await upstream;
  t.is(actions[0]?.action, '{"type":"AG_COSMOS_INIT","storagePort":31}');
  t.is(agcc.send(31, get), '"1e400"');
  t.deepEqual(calls, [
    [
      'agd.ReceiveMessage',
      [JSON.stringify({ Port: 31, Data: get, NeedsReply: true })],
    ],
  ]);
  actions[0]?.replier.resolve('{"a":1}');
  t.is(await result, JSON.stringify('{"a":1}'));
});

test("a refusal by upstream's chain returns a value too", async (t) => {
  const { agcc, handlers, lost } = await adapterWith(() => {
    throw new RemoteError('no');
  });
  agcc.runAgCosmosDaemon(1, fakeKernel().fromGo, []);
  void handlers['agvm.ReceiveMessage']?.([
    '{"Port":1,"Data":"{}","NeedsReply":false}',
  ]);
  await Promise.resolve();
  t.is(agcc.send(31, get), '{"error":"no"}');
  t.deepEqual(lost, []);
});
