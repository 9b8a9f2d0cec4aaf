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

npx tsx tools/install/main.ts "$new"

[ ! -e "$lib" ] || mv "$lib" "$old"
mv "$new" "$lib"
ln -sfn ../lib/agd-bridge/agd "$prefix/bin/agd"
ln -sfn ../lib/agd-bridge/agvm "$prefix/bin/agvm"
echo "installed: $prefix/bin/agd, $prefix/bin/agvm, $lib"
