#!/usr/bin/env bash
# CosmJS 0.36.2 treats CometBFT 0.39 as Tendermint 0.34.
#
# connectComet() of @cosmjs/tendermint-rpc, which StargateClient.connect() and
# SigningStargateClient.connectWithSigner() use, selects a client by the node's
# version. For every version that it does not know, newer ones included, it
# selects the oldest client. Tendermint 0.34 wrote the attributes of events in
# base64; CometBFT 0.39 writes text. The selected client decodes this text as
# base64, and throws. The script runs CometBFT 0.39.4 with its own key-value
# application, and queries a transaction with both clients.
#
# Needs Go, Node.js, npm and their registries. Exit code 0: reproduced.
set -euo pipefail

dir=$(mktemp -d)
node_pid=
cleanup() {
  if [ -n "$node_pid" ]; then kill "$node_pid" && wait "$node_pid" || true; fi
  chmod -R u+w "$dir" && rm -rf "$dir"
}
trap cleanup EXIT

cd "$dir"
GOBIN=$dir/bin GOFLAGS= go install github.com/cometbft/cometbft/cmd/cometbft@v0.39.4
npm init --yes > npm.log
npm install --no-audit --no-fund --save-exact @cosmjs/tendermint-rpc@0.36.2 >> npm.log

cat > free.mjs << 'JS'
import { createServer } from 'node:net';
const server = createServer().listen(0, '127.0.0.1', () => {
  console.log(server.address().port);
  server.close();
});
JS
rpc=$(node free.mjs)
bin/cometbft init --home home > init.log
bin/cometbft node --home home --proxy_app kvstore --rpc.laddr "tcp://127.0.0.1:$rpc" \
  --rpc.pprof_laddr= --p2p.laddr tcp://127.0.0.1:0 > node.log 2>&1 &
node_pid=$!

cat > ask.mjs << 'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Comet38Client, connectComet } from '@cosmjs/tendermint-rpc';

const url = process.argv[2];
const retry = async (ask) => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(200);
    }
  }
};
const right = await retry(async () => Comet38Client.connect(url));
const sent = await retry(async () => {
  const { version } = (await right.status()).nodeInfo;
  console.log(`version ${version}`);
  return right.broadcastTxCommit({ tx: Buffer.from('name=satoshi') });
});
await retry(async () => right.tx({ hash: sent.hash })); // it is indexed
const chosen = await connectComet(url);
console.log(`chosen ${chosen.constructor.name}`);
for (const client of [right, chosen]) {
  const got = await client.tx({ hash: sent.hash }).then(
    ({ result }) => `attribute "${result.events[0].attributes[0].key}"`,
    (error) => error.message,
  );
  console.log(`${client.constructor.name} ${got}`);
}
process.exit();
JS
node ask.mjs "http://127.0.0.1:$rpc" | tee seen.txt

diff seen.txt - << 'SEEN'
version 0.39.4
chosen Tendermint34Client
Comet38Client attribute "creator"
Tendermint34Client Invalid string. Length must be a multiple of 4
SEEN
echo 'as described'
