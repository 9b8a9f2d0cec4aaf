import test from 'ava';

import type { FromGo } from '../src/agcc.js';
import { forgetSends, withPreparation } from '../src/chain-sends.js';

/** A swing-store with two host keys; test/chaos uses the real one. */
function fakeStores(height: string | undefined) {
  const keys = new Map([['host.chainSends', '[["sent"]]']]);
  if (height !== undefined) keys.set('host.height', height);
  const done: string[] = [];
  return {
    keys,
    done,
    isSwingStore: () => true,
    openSwingStore: () => ({
      hostStorage: {
        kvStore: {
          get: (key: string) => keys.get(key),
          set: (key: string, value: string) => {
            keys.set(key, value);
          },
        },
        commit: async () => Promise.resolve(void done.push('commit')),
        close: async () => Promise.resolve(void done.push('close')),
      },
    }),
  };
}

const init = (blockHeight: number): string =>
  JSON.stringify({ type: 'AG_COSMOS_INIT', blockHeight });

test('the record of a block that the chain has committed is emptied', async (t) => {
  const stores = fakeStores('7');
  await forgetSends(stores, '/', init(8));
  t.is(stores.keys.get('host.chainSends'), '[]');
  t.deepEqual(stores.done, ['commit', 'close']);
});

test('the record of a block that the chain has not committed is kept', async (t) => {
  for (const height of [7, 1]) {
    const stores = fakeStores(String(height));
    await forgetSends(stores, '/', init(height));
    t.is(stores.keys.get('host.chainSends'), '[["sent"]]');
    t.deepEqual(stores.done, ['close']);
  }
});

test('a missing store is not created', async (t) => {
  const stores = { ...fakeStores(undefined), isSwingStore: () => false };
  await forgetSends(stores, '/', init(1));
  t.deepEqual(stores.done, []);
});

test('INIT and later actions wait for the preparation, in order', async (t) => {
  const seen: string[] = [];
  const kernel: FromGo = (_, action, replier) => {
    seen.push(action);
    replier.resolve('true');
  };
  const entry = withPreparation(kernel, async (action) =>
    Promise.resolve(void seen.push(`prepared by ${action}`)),
  );
  const answers = ['{broken', 'null', init(1), 'b'].map(
    async (action) =>
      new Promise((resolve, reject) => {
        entry(1, action, { resolve, reject });
      }),
  );
  t.deepEqual(await Promise.all(answers), ['true', 'true', 'true', 'true']);
  t.deepEqual(seen, [
    '{broken',
    'null',
    `prepared by ${init(1)}`,
    init(1),
    'b',
  ]);
});

test('a failed preparation fails INIT', async (t) => {
  const entry = withPreparation(
    () => {
      t.fail();
    },
    async () => Promise.reject(new Error('no store')),
  );
  await t.throwsAsync(
    async () =>
      new Promise((resolve, reject) => {
        entry(1, init(1), {
          resolve,
          reject: (reason) => {
            reject(new Error(reason));
          },
        });
      }),
    { message: 'no store' },
  );
});

test('an action after INIT that makes the kernel throw is rejected', async (t) => {
  const entry = withPreparation(
    (_, action, replier) => {
      if (action === '{broken') throw new Error('no JSON');
      replier.resolve('true');
    },
    async () => Promise.resolve(),
  );
  const answer = async (action: string) =>
    new Promise((resolve, reject) => {
      entry(1, action, {
        resolve,
        reject: (reason: string) => {
          reject(new Error(reason));
        },
      });
    });
  t.is(await answer(init(1)), 'true');
  await t.throwsAsync(answer('{broken'), { message: 'no JSON' });
});
