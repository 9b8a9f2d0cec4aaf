#!/usr/bin/env bash
# The bundle tools of @agoric/client-utils 0.2.0 cannot be imported.
#
# Its dist/bundle-utils.js, which makes the messages of a bundle sent in chunks,
# imports codegen/agoric/swingset/msgs.js of @agoric/cosmic-proto. The version
# that client-utils depends on, 0.5.0, does not export that path, and its
# messages of swingset do not include MsgSendChunk. With these versions a
# bundle cannot be sent in chunks. The package's main module does not import the
# file. test/clients/bundles.test.ts runs the tools with the missing codecs.
#
# Needs Node.js, npm and its registry. Exit code 0: reproduced.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --ignore-scripts --no-audit --no-fund --save-exact @agoric/cosmic-proto@0.5.0 \
  @cosmjs/encoding@0.36.2 @cosmjs/proto-signing@0.36.2 @cosmjs/stargate@0.36.2 >> npm.log 2>&1
# Without its other dependencies, which the file does not need.
npm pack --silent @agoric/client-utils@0.2.0 >> npm.log
mkdir node_modules/@agoric/client-utils
tar -xzf agoric-client-utils-0.2.0.tgz --strip-components 1 -C node_modules/@agoric/client-utils

cat > ask.mjs << 'JS'
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const root = 'node_modules/@agoric';
const { dependencies } = JSON.parse(readFileSync(`${root}/client-utils/package.json`, 'utf8'));
console.log(`depends on cosmic-proto ${dependencies['@agoric/cosmic-proto']}`);
await import(pathToFileURL(`${root}/client-utils/dist/bundle-utils.js`).href).then(
  () => console.log('imported'),
  ({ code, message }) => console.log(code, /'\.\/[^']*'/.exec(message)?.[0]),
);
const messages = await import('@agoric/cosmic-proto/agoric/swingset/msgs.js');
console.log(`MsgInstallBundle ${typeof messages.MsgInstallBundle}, MsgSendChunk ${typeof messages.MsgSendChunk}`);
JS
node ask.mjs | tee seen.txt

diff seen.txt - << 'SEEN'
depends on cosmic-proto 0.5.0
ERR_PACKAGE_PATH_NOT_EXPORTED './codegen/agoric/swingset/msgs.js'
MsgInstallBundle object, MsgSendChunk undefined
SEEN
echo 'as described'
