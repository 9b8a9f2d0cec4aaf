// Both stores against a plain map: the same operations give the same results.
import test from 'ava';
import fc from 'fast-check';

import {
  makeCachedKernelStore,
  makeKernelStore,
  type KVStore,
} from '../src/index.js';
import { Chain, nextKey } from './chain.js';

/**
 * Few keys, so that they collide: also the empty one, and those whose order
 * differs in UTF-16.
 */
const key = fc.constantFrom('', '\0', 'a', 'a.', 'aa', 'b', '\uffff', '𝒳');
const text = fc.string({ unit: 'grapheme', maxLength: 12 });

type Step =
  | readonly ['get' | 'has' | 'getNextKey' | 'delete', string]
  | readonly ['set', string, string]
  | readonly ['flush' | 'commit' | 'abort'];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('get' as const), key) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('has' as const), key) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('getNextKey' as const), key) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('delete' as const), key) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('set' as const), key, text) },
  fc.constant(['flush'] as const),
  fc.constant(['commit'] as const),
  fc.constant(['abort'] as const),
);

/** The operations of a store's host. */
interface Hosted {
  readonly store: KVStore;
  readonly flush: () => void;
  readonly discard: () => void;
}

const stores: Readonly<Record<string, (chain: Chain) => Hosted>> = {
  uncached: ({ caller }) => ({
    store: makeKernelStore(caller),
    flush: () => undefined,
    discard: () => undefined,
  }),
  ...Object.fromEntries(
    // Limits that are always exceeded, and limits that are never reached.
    [0, 10, 50, 1_000_000].map((bound) => [
      `cached, bounds ${String(bound)}`,
      ({ caller }: Chain): Hosted => {
        const store = makeCachedKernelStore(caller, {
          maxCacheCharacters: bound,
          maxPendingCharacters: bound,
          batchCharacters: bound,
        });
        return { store, flush: store.flush, discard: store.discard };
      },
    ]),
  ),
};

for (const [name, make] of Object.entries(stores)) {
  test(`${name}: agrees with a sorted map`, (t) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const chain = new Chain();
        const { store, flush, discard } = make(chain);
        let model = new Map<string, string>();
        let committed = new Map<string, string>();
        for (const [operation, name = '', value = ''] of steps) {
          switch (operation) {
            case 'get':
              t.is(store.get(name), model.get(name));
              break;
            case 'has':
              t.is(store.has(name), model.has(name));
              break;
            case 'getNextKey':
              t.is(store.getNextKey(name), nextKey(model, name));
              break;
            case 'set':
              store.set(name, value);
              model.set(name, value);
              break;
            case 'delete':
              store.delete(name);
              model.delete(name);
              break;
            case 'flush':
              flush();
              break;
            case 'commit':
              flush();
              chain.commit();
              t.deepEqual(sorted(chain.entries), sorted(model));
              committed = new Map(model);
              break;
            case 'abort':
              chain.abort();
              discard();
              model = new Map(committed);
              break;
          }
        }
        flush();
        t.deepEqual(sorted(chain.entries), sorted(model));
      }),
      { numRuns: 300 },
    );
  });
}

function sorted(entries: ReadonlyMap<string, string>): string[][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
