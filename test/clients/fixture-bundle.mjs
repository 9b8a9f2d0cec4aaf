/**
 * Agoric's client library installs a bundle in chunks, in a process of its own,
 * as a user's program does. One argument, JSON: the address of a node's RPC as
 * a WebSocket's, the sender's private key in hex, the bundle's file, and the
 * size of a chunk. Prints what the library reported, as JSON.
 */
import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { fromHex } from '@cosmjs/encoding';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import { SigningStargateClient } from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';

registerHooks({
  resolve: (name, context, next) =>
    name === '@agoric/cosmic-proto/codegen/agoric/swingset/msgs.js'
      ? next(import.meta.resolve('./fixture-messages.mjs'), context)
      : next(name, context),
});
const { installBundle, makeBundleRegistry } =
  await import('@agoric/client-utils/dist/bundle-utils.js');

const { url, key, file, chunkSizeLimit } = JSON.parse(process.argv[2]);
const wallet = await DirectSecp256k1Wallet.fromKey(fromHex(key), 'agoric');
const [{ address: submitter }] = await wallet.getAccounts();
const comet = await Comet38Client.connect(url);
const client = await SigningStargateClient.createWithSigner(comet, wallet, {
  broadcastPollIntervalMs: 100,
  registry: makeBundleRegistry(),
});

const progress = [];
const result = await installBundle({
  bundleJson: await readFile(file, 'utf8'),
  chunkSizeLimit,
  submitter,
  gzip: promisify(gzip),
  signAndBroadcast: async (message) => {
    const fee = { amount: [], gas: '5000000' };
    const response = await client.signAndBroadcast(submitter, [message], fee);
    if (response.code !== 0) throw new Error(response.rawLog);
    return response;
  },
  onProgress: ({ type }) => progress.push(type),
});
console.log(
  JSON.stringify({ ...result, progress }, (_name, value) =>
    typeof value === 'bigint' ? String(value) : value,
  ),
);
process.exit();
