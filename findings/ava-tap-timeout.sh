#!/usr/bin/env bash
# AVA 8.0.1 with --tap, when no test completes within its `timeout`: the TAP
# reporter throws a TypeError while it writes the tests that were pending, and
# AVA ends with its stack. The name of the slow test is not printed, nor is the
# result of any test that would have come after it. AVA's default reporter prints
# both. So a CI that counts TAP lines learns that something timed out, not what.
# In lib/reporters/tap.js, writeTimeout gives writeTest an Error, where dumpError
# expects AVA's serialized form with its originalError.
#
# Seen: ava 8.0.1, Node.js 24.22.3; the source of 8.1.2 is the same there.
# Prints "as stated" and ends with 0; ends with 1 if the behaviour has changed.
set -euo pipefail
export npm_config_update_notifier=false

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"
echo '{"private":true,"type":"module"}' >package.json
npm install --no-audit --no-fund --loglevel=error ava@8.0.1 >/dev/null
cat >slow.test.js <<'END'
import { setTimeout } from 'node:timers/promises';
import test from 'ava';

test('takes a minute', async (t) => {
  await setTimeout(60_000);
  t.pass();
});
END

run() { npx ava --timeout=2s "$@" slow.test.js >"$temp/out" 2>&1 || true; }

run
grep -q 'Timed out while running tests' out
grep -q 'takes a minute' out
echo "default reporter: $(grep -c 'takes a minute' out) line with the test's name"

run --tap
if grep -q 'takes a minute' out; then
  echo "changed: --tap prints the name of the test" >&2
  exit 1
fi
seen=$(grep -o "TypeError: Cannot set properties of undefined (setting 'stack')" out | head -n 1)
grep -q 'dumpError .*lib/reporters/tap.js' out
echo "--tap: $seen"
echo "as stated"
