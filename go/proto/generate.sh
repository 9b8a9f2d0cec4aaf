#!/bin/sh
# Generates the Go code of the modules (x/*/types/*.pb.go, *.pb.gw.go) from
# the .proto files beside this script. The result is committed.
#
# Plugins and imported .proto files come from go.mod's versions of their
# modules, so that the code matches the libraries it is built with.
set -eu

buf=github.com/bufbuild/buf/cmd/buf@v1.75.0
proto=$(cd "$(dirname "$0")" && pwd)
module=github.com/agd-bridge/agd-bridge/go

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$proto/.."
mkdir "$work/bin" "$work/proto"

# A copy of go.mod, because the plugins' own dependencies are not in ours.
cp go.mod "$work/go.mod"
cp go.sum "$work/go.sum"
export GOFLAGS="-modfile=$work/go.mod -mod=mod"
GOBIN="$work/bin" go install \
  github.com/cosmos/gogoproto/protoc-gen-gocosmos \
  github.com/grpc-ecosystem/grpc-gateway/protoc-gen-grpc-gateway
PATH="$work/bin:$PATH"
dir() { go list -m -f '{{.Dir}}' "$1"; }

# One tree of all .proto files: buf takes local imports only from within its
# module.
cp "$proto/buf.yaml" "$work/proto"
cp -R "$proto/agoric" "$work/proto"
import() { # module, directory in it, file
  mkdir -p "$work/proto/$(dirname "$3")"
  cp "$(dir "$1")/$2/$3" "$work/proto/$3"
  chmod u+w "$work/proto/$3"
}
sdk=github.com/cosmos/cosmos-sdk
googleapis=github.com/grpc-ecosystem/grpc-gateway
import github.com/cosmos/gogoproto . gogoproto/gogo.proto
import github.com/cosmos/cosmos-proto proto cosmos_proto/cosmos.proto
import $sdk proto amino/amino.proto
import $sdk proto cosmos/base/v1beta1/coin.proto
import $sdk proto cosmos/base/query/v1beta1/pagination.proto
import $sdk proto cosmos/msg/v1/msg.proto
import $googleapis third_party/googleapis google/api/annotations.proto
import $googleapis third_party/googleapis google/api/http.proto

cd "$work/proto"
GOFLAGS=
go run "$buf" lint --path agoric
go run "$buf" generate --template "$proto/buf.gen.yaml" --path agoric -o "$work/out"

cd "$proto/.."

rm -f x/*/types/*.pb.go x/*/types/*.pb.gw.go
cp -R "$work/out/$module/x" .
gofmt -l -w x/*/types/*.pb.go x/*/types/*.pb.gw.go >/dev/null
