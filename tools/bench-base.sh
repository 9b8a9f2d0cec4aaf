#!/usr/bin/env bash
# bench-base.sh COMMIT: builds an earlier commit below build/base, once, and
# prints its directory. `make bench` compares calls with it.
set -euo pipefail
cd "$(dirname "$0")/.."

commit=$(git rev-parse --verify --quiet "${1:?a commit}^{commit}") || {
  echo "bench-base.sh: no commit '$1' in this repository: fetch it, or name another" >&2
  exit 1
}
dir=$PWD/build/base/$commit
if [ ! -e "$dir" ]; then
  mkdir -p build/base
  fresh=$(mktemp -d build/base/new-XXXXXX)
  trap 'rm -rf "$fresh"' EXIT
  git archive "$commit" | tar --extract --directory "$fresh"
  mv "$fresh" "$dir"
fi
make -C "$dir" build build/test/bridgepeer build/test/libbridgepeer.so >&2
echo "$dir"
