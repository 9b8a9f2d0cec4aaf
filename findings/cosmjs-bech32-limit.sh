#!/usr/bin/env bash
# CosmJS's fromBech32 refuses every address when its optional limit is left out.
#
# @cosmjs/encoding 0.38.1 declares `fromBech32(address, limit = Infinity)` and
# passes the limit to bech32.decode of @scure/base ^2.0.0. @scure/base 2.4.0
# accepts only safe integers there and throws a RangeError. An install without a
# lock file of 0.38.1 therefore cannot decode an address that its own toBech32
# has made. With an explicit limit, such as 90, it can.
#
# Seen: @cosmjs/encoding 0.38.1 with @scure/base 2.4.0, Node.js 24.22.3.
# Prints "as stated" and ends with 0; ends with 1 if the behaviour has changed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"overrides":{"@scure/base":"2.4.0"}}' >package.json
npm install --no-audit --no-fund --loglevel=error @cosmjs/encoding@0.38.1 >/dev/null
cat >try.cjs <<'JS'
const { fromBech32, toBech32 } = require('@cosmjs/encoding');
const address = toBech32('cosmos', new Uint8Array(20).fill(1));
const attempt = (...limit) => {
  try {
    return fromBech32(address, ...limit).data.length;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
console.log(`without a limit: ${attempt()}`);
console.log(`with 90: ${attempt(90)}`);
JS
seen=$(node try.cjs)
echo "$seen"
expected='without a limit: RangeError: limit: expected safe integer, got Infinity
with 90: 20'
if [ "$seen" != "$expected" ]; then
  echo "changed: expected" >&2
  echo "$expected" >&2
  exit 1
fi
echo "as stated"
