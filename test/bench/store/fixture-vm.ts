#!/usr/bin/env node
/**
 * A VM without a kernel that works on a store, for a real agd. Each block waits
 * in BEGIN_BLOCK for an order (a line of JSON on the socket in STORE_SOCKET:
 * {@link Order}), works in END_BLOCK, and reports in AFTER_COMMIT_BLOCK the
 * time since the start of END_BLOCK, or that of its reads alone ({@link
 * Answer}). STORE_KIND names the store.
 */
import '@endo/init/pre.js';
import '@endo/init/unsafe-fast.js';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

import type { Caller } from '@agd-bridge/bridge';

import { fill, work, type Seen } from '../../support/store-work.js';
import { serveVm } from '../../support/vm.js';
import type { Op } from '../side.js';
import { fillStorage, readChildren, writeEntries } from './storage.js';
import { openStore, type StoreKind } from './stores.js';

/** The next block's work. */
export interface Order {
  readonly op: Op;
  readonly operations: number;
}

export interface Answer {
  readonly nanoseconds: number;
  /** The values that the block's operations read; equal on equal stores. */
  readonly seen: Seen;
}

const { STORE_SOCKET = '', STORE_KIND } = process.env;
const args = process.argv.slice(2);
const home = args[args.indexOf('--home') + 1] ?? '';

const socket = connect(STORE_SOCKET);
const orders = createInterface({ input: socket })[Symbol.asyncIterator]();
socket.once('close', () => process.exit(0));

let [block, began, reads] = [0, 0, 0];
let order: Order = { op: 'store', operations: 0 };
let seen: Seen | undefined;

const caller: Pick<Caller, 'callSync'> = {
  callSync: (method, params) => bridge.callSync(method, params),
};
const kind = STORE_KIND as StoreKind;
const store = kind === 'storage' ? undefined : openStore(kind, caller, home);

const bridge = await serveVm({
  'swingset.Init': () => {
    if (store === undefined) {
      fillStorage(caller);
      return 'true';
    }
    store.begin();
    fill(store.kvStore);
    store.end();
    return 'true';
  },
  'swingset.BeginBlock': async () => {
    const line = await orders.next();
    order = JSON.parse(line.value as string) as Order;
    return 'null';
  },
  'swingset.EndBlock': () => {
    began = performance.now();
    block += 1;
    const { op, operations } = order;
    if (op === 'children') {
      seen = readChildren(caller, operations);
      reads = performance.now() - began;
      return 'null';
    }
    if (store === undefined) {
      seen = writeEntries(caller, block, operations);
      return 'null';
    }
    store.begin();
    seen = work(store.kvStore, block, operations);
    store.end();
    return 'null';
  },
  'swingset.CommitBlock': async () => {
    await store?.commit();
    return 'null';
  },
  'swingset.AfterCommitBlock': () => {
    const took = order.op === 'children' ? reads : performance.now() - began;
    const nanoseconds = Math.round(took * 1e6);
    socket.write(`${JSON.stringify({ nanoseconds, seen })}\n`);
    return 'null';
  },
});
