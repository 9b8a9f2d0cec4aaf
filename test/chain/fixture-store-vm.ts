#!/usr/bin/env node
/**
 * A VM without a kernel that works on the kernel's store in the chain's, and on
 * a plain map beside it; a block fails if the two differ. The height determines
 * a block's work, so each start knows the writes of all earlier blocks. It
 * checks that the store contains exactly these, and prints a line that begins
 * with `the store has`.
 *
 * STORE_KIND: `uncached` or `cached`. FAIL_AT: END_BLOCK of this height makes
 * one more write, and fails.
 */
import type { Caller } from '@agd-bridge/bridge';
import {
  makeCachedKernelStore,
  makeKernelStore,
  type KVStore,
} from '@agd-bridge/kernel-store';

import { MapStore, together } from '../support/map-store.js';
import { work } from '../support/store-work.js';
import { serveVm } from '../support/vm.js';

const { STORE_KIND, FAIL_AT } = process.env;

/** The work of the block at a height. */
function blockWork(height: number, store: KVStore): void {
  work(store, height, 500);
  // Keys whose order differs in UTF-16, and the empty key.
  for (const key of ['', '\0', 'a"\\\n', '\uffff', '𝒳']) {
    store.set(key, `${key} ${String(height)}`);
    store.getNextKey(key);
  }
  if (height % 2 === 0) store.delete('𝒳');
}

const caller: Pick<Caller, 'callSync'> = {
  callSync: (method, params) => bridge.callSync(method, params),
};
const uncached = makeKernelStore(caller);
const cached = makeCachedKernelStore(caller);
const store = STORE_KIND === 'cached' ? cached : uncached;
const model = new MapStore();

function heightOf([action = '']: readonly string[]): number {
  return (JSON.parse(action) as { blockHeight: number }).blockHeight;
}

/** @throws Error a write was accepted that no commit would contain */
function expectSealed(): void {
  store.get('');
  try {
    uncached.set('late', '');
  } catch {
    return;
  }
  throw new Error('the chain took a write after END_BLOCK');
}

const bridge = await serveVm({
  'swingset.Init': (params) => {
    const height = heightOf(params);
    for (let before = 1; before < height; before += 1) blockWork(before, model);
    const entries = MapStore.of(store);
    if (!entries.equals(model)) {
      throw new Error(`other entries than the blocks before ${String(height)}`);
    }
    console.log(
      `the store has ${String(entries.size)} entries before ${String(height)}`,
    );
    return 'true';
  },
  'swingset.EndBlock': (params) => {
    const height = heightOf(params);
    blockWork(height, together(store, model));
    if (height === Number(FAIL_AT)) store.set('aborted', '');
    cached.flush();
    if (height === Number(FAIL_AT)) throw new Error('this block fails');
    return 'null';
  },
  'swingset.CommitBlock': () => {
    expectSealed();
    return 'null';
  },
  'swingset.AfterCommitBlock': () => {
    expectSealed();
    return 'null';
  },
});
