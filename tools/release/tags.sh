#!/usr/bin/env bash
# Tags the commit in the working directory as a release: vVERSION, and
# go/bridge/vVERSION, by which Go finds the module of that directory.
set -euo pipefail
version=$(node -p "require('./package.json').version")
refuse() {
  echo "cannot tag $version: $1" >&2
  exit 1
}
[ -z "$(git status --porcelain)" ] || refuse "the checkout has changes: commit them"
grep -qF "## [$version] - " CHANGELOG.md || refuse "CHANGELOG.md has no such section: run \"make set-version NEW=$version\""
tags=("v$version" "go/bridge/v$version")
for tag in "${tags[@]}"; do
  ! git rev-parse --quiet --verify "refs/tags/$tag" >/dev/null || refuse "the tag $tag exists"
done
for tag in "${tags[@]}"; do git tag --annotate --message "agd-bridge $version" "$tag"; done
echo "tagged: ${tags[*]}; publish them: git push REMOTE ${tags[*]}"
