#!/usr/bin/env bash
# Makes the release of build/release once more, from a clone of its commit in
# another directory, and compares the checksums.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -e build/release/SHA256SUMS ] || { echo "no build/release/SHA256SUMS: run \`make release\` first" >&2; exit 1; }
commit=$(build/release/.work/prefix/*/bin/agd version --long --output json | node -p 'JSON.parse(fs.readFileSync(0)).commit')
if ! [[ $commit =~ ^[0-9a-f]{40}$ ]]; then
  echo "the release is of commit \"$commit\", which a clone lacks: commit the changes and run \`make release\` again" >&2
  exit 1
fi
parent=$(mktemp -d)
trap 'rm -rf "$parent"' EXIT
clone=$parent/another-directory
git clone --quiet --no-checkout . "$clone"
git -C "$clone" checkout --quiet "$commit"
make -C "$clone" release
# A container image depends on Debian's packages of the day.
if ! diff <(grep -v -- -image- build/release/SHA256SUMS) "$clone/build/release/SHA256SUMS"; then
  diff -rq --no-dereference build/release/.work/prefix "$clone/build/release/.work/prefix" || true
  exit 1
fi
echo "the same bytes"
