/**
 * The oracle's kernel, as a process: reads a scenario from stdin, writes the
 * kernel's storage writes to file descriptor 3. stdout and stderr are logs.
 */
import '@endo/init/pre.js';
import '@endo/init/unsafe-fast.js';

import { readFileSync, writeFileSync } from 'node:fs';

import { DEFAULT_SIM_SWINGSET_PARAMS } from '@agoric/cosmic-swingset/src/sim-params.js';
import { makeCosmicSwingsetTestKit } from '@agoric/cosmic-swingset/tools/test-kit.js';

const QUEUES = ['actionQueue.', 'highPriorityQueue.'];

const { genesis, blocks } = JSON.parse(readFileSync(0, 'utf8'));

const config = JSON.parse(
  readFileSync(
    new URL(import.meta.resolve('@agd-bridge/vats/bank-config.json')),
    'utf8',
  ),
);
config.vats.bootstrap.sourceSpec = new URL(
  import.meta.resolve('@agd-bridge/vats/src/vat-bank-mirror.js'),
).pathname;

const store = new Map();
const writes = [];
const balances = new Map();
const setBalance = ({ address, denom, amount }) =>
  balances.set(`${address} ${denom}`, amount);
genesis.forEach(setBalance);

const storage = ({ method, args }) => {
  switch (method) {
    case 'get':
      return store.get(args[0]) ?? null;
    case 'has':
      return store.has(args[0]);
    case 'set':
    case 'setWithoutNotify':
      for (const [path, value] of args) {
        if (value == null) {
          store.delete(path);
        } else {
          store.set(path, value);
        }
        if (!QUEUES.some((prefix) => path.startsWith(prefix))) {
          writes.push(value == null ? [path] : [path, value]);
        }
      }
      return true;
    default:
      throw Error(`the oracle's storage has no ${method}`);
  }
};

const bank = ({ type, address, denom }) => {
  if (type !== 'VBANK_GET_BALANCE') {
    throw Error(`the oracle's bank has no ${type}`);
  }
  return balances.get(`${address} ${denom}`) ?? '0';
};

const chain = { storage, bank };

const kit = await makeCosmicSwingsetTestKit(
  (port, message) => {
    if (!Object.hasOwn(chain, port)) {
      throw Error(`the oracle's chain has no port ${port}`);
    }
    return chain[port](message);
  },
  {
    bundleDir: null,
    fixupConfig: () => config,
    fixupInitMessage: (message) => ({
      ...message,
      blockHeight: 1,
      params: DEFAULT_SIM_SWINGSET_PARAMS,
    }),
  },
);

let nonce = 0;
for (const updated of blocks) {
  if (updated.length > 0) {
    updated.forEach(setBalance);
    nonce += 1;
    kit.pushQueueRecord({ type: 'VBANK_BALANCE_UPDATE', nonce, updated });
  }
  // eslint-disable-next-line no-await-in-loop -- blocks follow one another
  await kit.runNextBlock();
}
await kit.shutdown();
writeFileSync(3, JSON.stringify(writes));
process.exit(0);
