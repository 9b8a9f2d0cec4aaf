#!/usr/bin/env bash
# Installs what `make build` made under a prefix: PREFIX/lib/agd-bridge has all
# of it, PREFIX/bin has links. agd finds the rest from its own real path. An
# older installation is replaced at the end, once the new one is complete.
set -euo pipefail
prefix=${1:?usage: install.sh PREFIX}
mkdir -p "$prefix/bin" "$prefix/lib"
prefix=$(cd "$prefix" && pwd)
cd "$(dirname "$0")/.."
lib=$prefix/lib/agd-bridge
new=$(mktemp -d "$lib.new-XXXXXX")
old=$new.old
trap 'rm -rf "$new" "$old"' EXIT
chmod 755 "$new"

cp build/agd build/libagd.so build/libagd-signals.so build/agd-vm-jail package.json package-lock.json "$new/"
cp -R third_party "$new/"
cp -a node_modules "$new/"
for manifest in packages/*/package.json; do
  package=$(dirname "$manifest")
  for part in package.json addon.cjs dist bundle kernel-bundles bin src bank-config.json core-config.json build/Release/agdbridge.node build/Release/agdsplit.node; do
    [ -e "$package/$part" ] || continue
    mkdir -p "$(dirname "$new/$package/$part")"
    cp -R "$package/$part" "$new/$package/$part"
  done
done
ln -s packages/agvm/bin/agvm "$new/agvm"
ln -s packages/ab/bin/agd-ab "$new/agd-ab"
ln -s packages/localnet/bin/agd-localnet "$new/agd-localnet"
ln -s packages/localnet/bin/agd-devnet "$new/agd-devnet"
ln -s packages/agvm/bin/agvm-about "$new/agvm-about"
(
  # Without what the lock file marks as for development only. npm prune would
  # download some of the rest again.
  cd "$new"
  node -p "Object.entries(require('./package-lock.json').packages).filter(([, p]) => p.dev).map(([path]) => path).join('\n')" |
    xargs -d '\n' rm -rf node_modules/.cache node_modules/.package-lock.json
  find node_modules -path '*/.bin/*' -xtype l -delete
)

[ ! -e "$lib" ] || mv "$lib" "$old"
mv "$new" "$lib"
ln -sfn ../lib/agd-bridge/agd "$prefix/bin/agd"
ln -sfn ../lib/agd-bridge/agvm "$prefix/bin/agvm"
echo "installed: $prefix/bin/agd, $prefix/bin/agvm, $lib"
