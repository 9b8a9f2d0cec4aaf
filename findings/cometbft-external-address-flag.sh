#!/usr/bin/env bash
# CometBFT 0.39.4 ignores its own flag --p2p.external-address.
#
# "cometbft node" has the flag --p2p.external-address, and so do all programs
# that use AddNodeFlags, such as the start commands of the Cosmos SDK. The key in
# config.toml is p2p.external_address, with an underscore. No code reads the
# flag's name, so the flag has no effect: the node announces the address at which
# it listens. With the key in config.toml it announces the external address.
#
# Needs Go, a module proxy and curl. Exit code 0: reproduced.
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

# announced ARGS...: prints the address that a node with these options announces.
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
