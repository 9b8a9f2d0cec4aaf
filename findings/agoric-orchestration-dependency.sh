#!/usr/bin/env bash
# @agoric/orchestration 0.2.0 cannot be installed from the npm registry.
#
# It depends on exactly version 0.2.0 of @agoric/async-flow, which is not
# published there; the registry has two development versions of 2024. npm ends
# with ETARGET. An override of that dependency in the root package.json, such as
# {"overrides": {"@agoric/async-flow": "0.1.1-dev-f9483e7.0"}}, lets npm install.
#
# Needs Node.js, npm and its registry. Exit code 0: reproduced.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

{
  npm view @agoric/orchestration@0.2.0 dependencies --json | grep -o '"@agoric/async-flow": "[^"]*"'
  npm view @agoric/async-flow versions --json | tr -d ' \n'
  echo
  npm init --yes > npm.log
  code=0
  npm install --ignore-scripts --no-audit --no-fund @agoric/orchestration@0.2.0 > install.log 2>&1 || code=$?
  echo "npm install ends with $code"
  grep -oE 'code [A-Z]+$|No matching version found for [^ ]+[^.. ]' install.log | sort -u
} | tee seen.txt

diff seen.txt - << 'SEEN'
"@agoric/async-flow": "0.2.0"
["0.1.1-dev-511e4cf.0.511e4cf","0.1.1-dev-f9483e7.0"]
npm install ends with 1
No matching version found for @agoric/async-flow@0.2.0
code ETARGET
SEEN
echo 'as described'
