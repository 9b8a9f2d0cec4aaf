#!/usr/bin/env bash
# Installs what `make build` made under a prefix: PREFIX/lib/agd-bridge has all
# of it, PREFIX/bin has links. agd finds the rest from its own real path.
set -euo pipefail
prefix=${1:?usage: install.sh PREFIX}
cd "$(dirname "$0")/.."
lib=$prefix/lib/agd-bridge
mkdir -p "$prefix/bin" "$(dirname "$lib")"
new=$(mktemp -d "$lib.new-XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"

cp build/agd build/libagd.so package.json package-lock.json "$new/"
cp -R third_party "$new/"
cp -a node_modules "$new/"
for package in packages/*/; do
  target=$new/$package
  mkdir -p "$target"
  for part in package.json dist bin src bank-config.json build/Release/agdbridge.node; do
    [ -e "$package$part" ] || continue
    mkdir -p "$target$(dirname "$part")"
    cp -R "$package$part" "$target$part"
  done
done
ln -s packages/agvm/bin/agvm "$new/agvm"
(cd "$new" && npm prune --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error)

rm -rf "$lib"
mv "$new" "$lib"
trap - EXIT
ln -sfn ../lib/agd-bridge/agd "$prefix/bin/agd"
ln -sfn ../lib/agd-bridge/agvm "$prefix/bin/agvm"
echo "installed: $prefix/bin/agd, $prefix/bin/agvm, $lib"
