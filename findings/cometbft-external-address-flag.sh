#!/usr/bin/env bash
# CometBFT 0.39.4 ignores its own flag --p2p.external-address.
#
# "cometbft node" offers --p2p.external-address, as do all programs that take
# their flags from AddNodeFlags, the Cosmos SDK's start commands among them.
# The option of config.toml is p2p.external_address, with an underscore, so the
# flag is another option, which nothing reads: the node goes on announcing the
# address at which it listens. With config.toml it announces the external one.
#
# Needs Go, its module proxy and curl. Exit code 0: seen as described.
set -euo pipefail

dir=$(mktemp -d)
node_pid=
end_node() {
  if [ -n "$node_pid" ]; then kill "$node_pid" && wait "$node_pid" || true; fi
  node_pid=
}
cleanup() {
  end_node
  chmod -R u+w "$dir" && rm -rf "$dir"
}
trap cleanup EXIT

cd "$dir"
GOBIN=$dir/bin GOFLAGS= go install github.com/cometbft/cometbft/cmd/cometbft@v0.39.4
bin/cometbft version > version.txt
bin/cometbft init --home home > init.log
external=192.0.2.1:26656

# announced ARGS...: what a node with these options says is its address.
announced() {
  bin/cometbft node --home home --proxy_app kvstore --rpc.pprof_laddr= --p2p.pex=false \
    --rpc.laddr "unix://$dir/rpc" --p2p.laddr tcp://127.0.0.1:0 "$@" > node.log 2>&1 &
  node_pid=$!
  curl --silent --show-error --retry 100 --retry-delay 1 --retry-all-errors \
    --unix-socket rpc http://node/status 2> curl.log | tr -d ' ' |
    sed -n 's/.*"listen_addr":"\([^"]*\)".*/\1/p' | head -1
  echo
  end_node
  rm -f rpc
}

{
  echo "CometBFT $(cat version.txt)"
  echo 'by the flag:'
  announced --p2p.external-address "$external"
  sed -i "s/^external_address = .*/external_address = \"$external\"/" home/config/config.toml
  echo 'by config.toml:'
  announced
} | tee seen.txt

diff seen.txt - << 'SEEN'
CometBFT 0.39.4
by the flag:
tcp://127.0.0.1:0
by config.toml:
192.0.2.1:26656
SEEN
echo 'as described'
