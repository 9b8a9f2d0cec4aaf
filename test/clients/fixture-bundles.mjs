/**
 * The bundle tools of @agoric/client-utils, in a process of their own. One
 * argument, JSON: the address of a node's RPC, a sender's private key in hex, a
 * bundle's file, and the most bytes of a chunk. Prints what the tools return and
 * the steps that they report.
 */
import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { fromHex } from '@cosmjs/encoding';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import {
  GasPrice,
  SigningStargateClient,
  assertIsDeliverTxSuccess,
} from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';

// See findings/agoric-client-utils-bundles.sh.
const lacking = '@agoric/cosmic-proto/codegen/agoric/swingset/msgs.js';
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === lacking
      ? {
          url: new URL('fixture-swingset-msgs.mjs', import.meta.url).href,
          shortCircuit: true,
        }
      : next(specifier, context),
});
const { installBundle, makeBundleRegistry } =
  await import('@agoric/client-utils/dist/bundle-utils.js');

const { url, key, file, chunkSizeLimit } = JSON.parse(process.argv[2]);
const wallet = await DirectSecp256k1Wallet.fromKey(fromHex(key), 'agoric');
const [{ address: submitter }] = await wallet.getAccounts();
const client = await SigningStargateClient.createWithSigner(
  await Comet38Client.connect(url),
  wallet,
  {
    broadcastPollIntervalMs: 100,
    gasPrice: GasPrice.fromString('0.01ubld'),
    registry: makeBundleRegistry(),
  },
);

const steps = [];
const result = await installBundle({
  bundleJson: await readFile(file, 'utf8'),
  chunkSizeLimit,
  submitter,
  gzip: promisify(gzip),
  signAndBroadcast: async (message) => {
    const sent = await client.signAndBroadcast(submitter, [message], 'auto');
    assertIsDeliverTxSuccess(sent);
    return sent;
  },
  onProgress: ({ type }) => steps.push(type),
});
client.disconnect();
console.log(
  JSON.stringify({ ...result, steps }, (_name, value) =>
    typeof value === 'bigint' ? Number(value) : value,
  ),
);
