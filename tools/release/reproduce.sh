#!/usr/bin/env bash
# Makes the release of this commit once more, from a clone in another directory,
# and compares the checksums with those of build/release.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -e build/release/SHA256SUMS ] || { echo "no build/release/SHA256SUMS: run \`make release\` first" >&2; exit 1; }
if [ -n "$(git status --porcelain)" ]; then
  echo "the checkout has changes, which a clone lacks: commit them and run \`make release\` again" >&2
  exit 1
fi
parent=$(mktemp -d)
trap 'rm -rf "$parent"' EXIT
clone=$parent/another-directory
git clone --quiet . "$clone"
make -C "$clone" release
# A container image depends on Debian's packages of the day.
diff <(grep -v -- -image- build/release/SHA256SUMS) "$clone/build/release/SHA256SUMS"
echo "the same bytes"
