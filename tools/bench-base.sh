#!/usr/bin/env bash
# bench-base.sh COMMIT [MAKE TARGET...]: builds an earlier commit beside this
# checkout, below build/base, and prints its directory. `make bench` compares
# with it. It is built once.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

commit=$(git rev-parse --verify --quiet "${1:?a commit}^{commit}") || {
  echo "bench-base.sh: no commit '$1' in this repository: fetch it, or name another" >&2
  exit 1
}
shift
targets=("${@:-build}")
dir=$root/build/base/$commit
mkdir -p "$dir"
if [ ! -e "$dir/Makefile" ]; then
  git archive "$commit" | tar --extract --directory "$dir"
fi
# This build's limits of time and version are not those of the earlier one.
(cd "$dir" && make "${targets[@]}" build/test/bridgepeer build/test/libbridgepeer.so) >&2
echo "$dir"
