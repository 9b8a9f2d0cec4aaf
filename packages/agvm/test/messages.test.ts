import { LocalError } from '@agd-bridge/bridge';
import test from 'ava';

import {
  actionOf,
  downcalls,
  ports,
  toBridge,
  toKernel,
  upcalls,
} from '../src/messages.js';

/**
 * One kernel message for each row, with values that JSON.parse would change.
 */
const samples: Record<string, [port: number, text: string, params: string[]]> =
  {
    'vstorage.Get': [1, '{"args":["a.b"],"method":"get"}', ['"a.b"']],
    'vstorage.Has': [1, '{"args":["a"],"method":"has"}', ['"a"']],
    'vstorage.Set': [
      1,
      '{"args":[["a","\\ud800"],["b"]],"method":"set"}',
      ['["a","\\ud800"]', '["b"]'],
    ],
    'vstorage.SetWithoutNotify': [
      1,
      '{"args":[],"method":"setWithoutNotify"}',
      [],
    ],
    'vstorage.LegacySet': [
      1,
      '{"args":[["a",1e400]],"method":"legacySet"}',
      ['["a",1e400]'],
    ],
    'vstorage.Append': [
      1,
      '{"args":[["a","]\\""]],"method":"append"}',
      ['["a","]\\""]'],
    ],
    'vstorage.Size': [1, '{"args":["a"],"method":"size"}', ['"a"']],
    'vstorage.Children': [1, '{"args":["a"],"method":"children"}', ['"a"']],
    'vstorage.Keys': [1, '{"args":["a"],"method":"keys"}', ['"a"']],
    'vstorage.Entries': [1, '{"args":["a"],"method":"entries"}', ['"a"']],
    'vstorage.Values': [1, '{"args":["a"],"method":"values"}', ['"a"']],
    'vstorage.GetStoreKey': [
      1,
      '{"args":["a"],"method":"getStoreKey"}',
      ['"a"'],
    ],
    'swingset.SwingStoreUpdateExportData': [
      2,
      '{"args":[["k","v"],["gone"]],"method":"swingStoreUpdateExportData"}',
      ['["k","v"]', '["gone"]'],
    ],
    'vbank.GetBalance': [
      3,
      '{"address":"agoric1a","denom":"uist","type":"VBANK_GET_BALANCE"}',
      ['{"address":"agoric1a","denom":"uist"}'],
    ],
    'vbank.GetModuleAccountAddress': [
      3,
      '{"moduleName":"vbank/reserve","type":"VBANK_GET_MODULE_ACCOUNT_ADDRESS"}',
      ['{"moduleName":"vbank/reserve"}'],
    ],
    'vbank.Grab': [
      3,
      '{"amount":9007199254740993,"denom":"uist","sender":"a","type":"VBANK_GRAB","zz":1}',
      ['{"amount":9007199254740993,"denom":"uist","sender":"a","zz":1}'],
    ],
    'vbank.Give': [
      3,
      '{"amount":"1","denom":"uist","recipient":"a","type":"VBANK_GIVE"}',
      ['{"amount":"1","denom":"uist","recipient":"a"}'],
    ],
    'vbank.GiveToRewardDistributor': [
      3,
      '{"amount":"1","denom":"uist","type":"VBANK_GIVE_TO_REWARD_DISTRIBUTOR"}',
      ['{"amount":"1","denom":"uist"}'],
    ],
    'vibc.Send': [
      4,
      '{"packet":{"n":1e400},"type":"x"}',
      ['{"packet":{"n":1e400},"type":"x"}'],
    ],
    'vlocalchain.Send': [
      5,
      '{"type":"VLOCALCHAIN_ALLOCATE_ADDRESS"}',
      ['{"type":"VLOCALCHAIN_ALLOCATE_ADDRESS"}'],
    ],
    'vtransfer.Send': [
      6,
      '{"target":"agoric1x","type":"BRIDGE_TARGET_REGISTER"}',
      ['{"target":"agoric1x","type":"BRIDGE_TARGET_REGISTER"}'],
    ],
  };

test('every downcall has a sample', (t) => {
  t.deepEqual(
    Object.keys(samples).sort(),
    downcalls.map((row): string => row.method).sort(),
  );
});

for (const [method, [port, text, params]] of Object.entries(samples)) {
  test(`${method} carries the kernel's message unchanged in both directions`, (t) => {
    const call = toBridge(port, text);
    t.is<string, string>(call.row.method, method);
    t.deepEqual(call.params, params);
    t.deepEqual(toKernel(method, call.params), { port, text });
  });
}

const refused: [title: string, port: number, text: string, message: RegExp][] =
  [
    ['an unknown port', 9, '{}', /no such port: 9/],
    [
      'an unknown method',
      1,
      '{"args":[],"method":"drop"}',
      /port storage: no message .*"drop"/,
    ],
    [
      'an unknown type',
      3,
      '{"type":"VBANK_MINT"}',
      /port vbank: no message .*"VBANK_MINT"/,
    ],
    [
      'a message without type',
      3,
      '{}',
      /port vbank: no message with type missing/,
    ],
    [
      'a type that is no string',
      3,
      '{"type":1}',
      /port vbank: no message with type 1/,
    ],
    [
      'a message that is no object',
      1,
      '[]',
      /port storage: a message must be an object/,
    ],
    [
      'args that are no array',
      1,
      '{"args":"a","method":"get"}',
      /expected the members args/,
    ],
    [
      'a member that would get lost',
      1,
      '{"args":[],"method":"get","x":1}',
      /expected the members/,
    ],
    [
      'a repeated method',
      1,
      '{"args":[],"method":"get","method":"set"}',
      /occurs twice/,
    ],
  ];

for (const [title, port, text, message] of refused) {
  test(`refuses ${title}`, (t) => {
    t.throws(() => toBridge(port, text), { instanceOf: LocalError, message });
  });
}

for (const row of upcalls) {
  test(`${row.method} becomes ${row.type} with its text kept`, (t) => {
    const body = '{"blockHeight":9007199254740993, "x":1e400,"s":"\\ud800"}';
    const action = actionOf(row, [body]);
    t.true(action.endsWith(`,${body.slice(1)}`), action);
    const parsed = JSON.parse(action) as Record<string, unknown>;
    t.is(parsed['type'], row.type);
    const told = Object.keys(ports).map((name) => parsed[`${name}Port`]);
    t.deepEqual(
      told,
      Object.values(ports).map((n) => (row.withPorts ? n : undefined)),
    );
    t.is(
      (JSON.parse(actionOf(row, ['{}'])) as { type: string }).type,
      row.type,
    );
  });
}

test('an upcall takes one object, without members that agvm adds', (t) => {
  const [init] = upcalls;
  t.truthy(init);
  if (!init) return;
  for (const params of [
    [],
    ['1'],
    ['[]'],
    ['{}', '{}'],
    ['{"type":"X"}'],
    ['{"storagePort":7}'],
  ]) {
    t.throws(() => actionOf(init, params), {
      instanceOf: LocalError,
      message: /swingset\.Init/,
    });
  }
});
