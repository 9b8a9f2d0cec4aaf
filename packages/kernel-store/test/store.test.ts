import { LocalError, ProtocolError, RemoteError } from '@agd-bridge/bridge';
import test from 'ava';

import {
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  makeCachedKernelStore,
  makeKernelStore,
  type KVStore,
} from '../src/index.js';
import { Chain } from './chain.js';

const stores: Readonly<Record<string, (chain: Chain) => KVStore>> = {
  uncached: ({ caller }) => makeKernelStore(caller),
  cached: ({ caller }) => makeCachedKernelStore(caller),
};

for (const [name, make] of Object.entries(stores)) {
  test(`${name}: a written value is read until it is deleted`, (t) => {
    // As the kernel uses them: without the object.
    const { has, get, set, delete: remove } = make(new Chain());
    t.is(get('a'), undefined);
    t.false(has('a'));
    set('a', '');
    t.is(get('a'), '');
    t.true(has('a'));
    set('a', '2');
    t.is(get('a'), '2');
    remove('a');
    t.is(get('a'), undefined);
    t.false(has('a'));
    remove('a');
  });

  test(`${name}: the next key follows in the order of UTF-8 bytes`, (t) => {
    const store = make(new Chain());
    const keys = ['', '\0', 'a', 'a.', 'aa', 'ü', '\uffff', '𝒳'];
    for (const key of [...keys].reverse()) store.set(key, key);
    for (const [i, key] of keys.entries()) {
      t.is(store.getNextKey(key), keys[i + 1]);
    }
    store.delete('aa');
    t.is(store.getNextKey('a.'), 'ü');
  });

  test(`${name}: a value that is not a string, or too long, is refused before a downcall`, (t) => {
    const chain = new Chain();
    const store = make(chain);
    const refused = (operate: () => unknown, message: string): void => {
      t.throws(operate, { instanceOf: LocalError, message });
    };
    const bad = (text: unknown): string => text as string;
    const long = 'ü'.repeat(MAX_KEY_BYTES / 2) + 'x';
    refused(() => store.get(bad(7)), 'key must be a string');
    refused(() => store.has(bad(undefined)), 'key must be a string');
    refused(() => store.getNextKey(bad(null)), 'previousKey must be a string');
    refused(() => {
      store.set(bad({}), '');
    }, 'key must be a string');
    refused(() => {
      store.set('', bad(undefined));
    }, 'value must be a string');
    refused(() => {
      store.delete(bad(1));
    }, 'key must be a string');
    refused(() => store.get('\ud800'), 'key must not have lone surrogates');
    refused(() => {
      store.set('', 'x\udfff');
    }, 'value must not have lone surrogates');
    refused(
      () => store.get(long),
      'key must have at most 32768 bytes of UTF-8',
    );
    refused(() => {
      store.set('', 'x'.repeat(MAX_VALUE_BYTES + 1));
    }, 'value must have at most 8388608 bytes of UTF-8');
    t.deepEqual(chain.calls, []);
    t.is(store.get(long.slice(0, -1)), undefined);
  });

  test(`${name}: a result that breaks its schema is a protocol error`, (t) => {
    const answers = (answer: string): KVStore => {
      const chain = new Chain();
      return make(Object.assign(chain, { caller: { callSync: () => answer } }));
    };
    const instanceOf = ProtocolError;
    t.throws(() => answers('7').get('a'), {
      instanceOf,
      message: 'kernelStore.Get: result: expected string or null',
    });
    t.throws(() => answers('7').getNextKey('a'), {
      instanceOf,
      message: 'kernelStore.GetNextKey: result: expected string or null',
    });
    t.throws(() => answers('null').has('a'), {
      instanceOf,
      message: 'kernelStore.Has: result: expected boolean',
    });
  });
}

test('uncached: every operation is a downcall', (t) => {
  const chain = new Chain();
  const store = makeKernelStore(chain.caller);
  store.set('a', '1');
  store.get('a');
  store.get('a');
  store.has('a');
  store.getNextKey('');
  store.delete('a');
  t.deepEqual(
    chain.calls.map(({ method, params }) => [method, ...params]),
    [
      ['kernelStore.Apply', '["a","1"]'],
      ['kernelStore.Get', '"a"'],
      ['kernelStore.Get', '"a"'],
      ['kernelStore.Has', '"a"'],
      ['kernelStore.GetNextKey', '""'],
      ['kernelStore.Apply', '["a",null]'],
    ],
  );
});

test('cached: a key is read once, whether it has a value or not', (t) => {
  const chain = new Chain();
  makeKernelStore(chain.caller).set('a', '1');
  const store = makeCachedKernelStore(chain.caller);
  for (let i = 0; i < 3; i += 1) {
    t.is(store.get('a'), '1');
    t.is(store.get('b'), undefined);
    t.true(store.has('a'));
    t.false(store.has('c'));
  }
  t.is(chain.count('kernelStore.Get'), 2);
  t.is(chain.count('kernelStore.Has'), 1);
});

test('cached: writes wait for the flush, and need no read afterwards', (t) => {
  const chain = new Chain();
  const store = makeCachedKernelStore(chain.caller);
  store.set('a', '1');
  store.set('a', '2');
  store.set('b', '1');
  store.delete('b');
  t.is(store.pending(), 2);
  t.deepEqual(chain.calls, []);
  store.flush();
  t.is(store.pending(), 0);
  t.deepEqual(chain.calls, [
    { method: 'kernelStore.Apply', params: ['["a","2"]', '["b",null]'] },
  ]);
  t.is(store.get('a'), '2');
  t.is(store.get('b'), undefined);
  store.flush();
  t.is(chain.calls.length, 1, 'nothing to flush is no downcall');
});

test('cached: a large batch is split into limited ones', (t) => {
  const chain = new Chain();
  const store = makeCachedKernelStore(chain.caller, {
    batchCharacters: 1000,
    maxPendingCharacters: 10_000,
  });
  for (let i = 0; i < 50; i += 1) store.set(String(i), 'x'.repeat(100));
  store.set('large', 'x'.repeat(3000));
  t.is(chain.calls.length, 0);
  store.flush();
  const sizes = chain.calls.map(({ params }) => params.join('').length);
  t.true(sizes.length > 5);
  t.deepEqual(
    sizes.filter((size) => size > 1000),
    ['["large",""]'.length + 3000],
  );
  t.is(chain.entries.size, 51);

  for (let i = 0; i < 1000; i += 1) store.set(String(i), 'y'.repeat(100));
  t.true(store.pending() < 100, 'they were flushed before');
  t.true(chain.entries.size > 900);
});

test('cached: the read cache keeps to its limit, and evicted keys are read again', (t) => {
  const chain = new Chain();
  const writer = makeKernelStore(chain.caller);
  for (let i = 0; i < 100; i += 1) writer.set(String(i), 'x'.repeat(98));
  const store = makeCachedKernelStore(chain.caller, {
    maxCacheCharacters: 2000,
  });
  for (let i = 0; i < 100; i += 1) {
    t.is(store.get(String(i)), 'x'.repeat(98));
    store.get('99');
  }
  t.is(chain.count('kernelStore.Get'), 100, 'what is used is kept');
  store.get('0');
  t.is(chain.count('kernelStore.Get'), 101);
  const none = makeCachedKernelStore(chain.caller, { maxCacheCharacters: 0 });
  none.get('99');
  none.get('99');
  t.is(chain.count('kernelStore.Get'), 103);
});

test('cached: a batch that the chain refuses stays queued, with later ones', (t) => {
  const chain = new Chain();
  const store = makeCachedKernelStore(chain.caller, { batchCharacters: 1 });
  for (const key of ['a', 'b', 'c']) store.set(key, '1');
  chain.refused = 'b';
  t.throws(store.flush, { instanceOf: RemoteError, message: 'refused' });
  t.deepEqual([...chain.entries.keys()], ['a']);
  t.is(store.pending(), 2);
  t.is(store.get('b'), '1');
  chain.refused = undefined;
  store.flush();
  t.deepEqual([...chain.entries.keys()], ['a', 'b', 'c']);
});

test('cached: nothing of an abandoned block remains', (t) => {
  const chain = new Chain();
  const store = makeCachedKernelStore(chain.caller);
  store.set('a', '1');
  store.flush();
  chain.commit();
  store.set('a', '2');
  store.flush();
  store.set('b', '2');
  chain.abort();
  store.discard();
  t.is(store.get('a'), '1');
  t.is(store.get('b'), undefined);
  t.is(store.pending(), 0);
});

test('a limit that is not a number is refused', (t) => {
  for (const bad of [-1, NaN, 0.5, Infinity]) {
    t.throws(
      () => makeCachedKernelStore(new Chain().caller, { batchCharacters: bad }),
      { instanceOf: LocalError },
    );
  }
});
