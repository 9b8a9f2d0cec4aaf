#!/usr/bin/env bash
# ParseCoinsNormalized of Cosmos SDK 0.54.4 drops the fraction of an amount
# without an error.
#
# Commands such as `tx bank send` read their amounts with it. Where the
# denomination has no registered units, 1.9uatom becomes 1uatom, and 0.5uatom
# becomes 0uatom. ParseCoinNormalized does the same to one coin.
#
# Needs Go and its module proxy. Exit code 0: reproduced.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat > main.go << 'GO'
package main

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

func main() {
	for _, text := range []string{"1.9uatom", "0.5uatom", "2.5uatom,3uosmo"} {
		coins, err := sdk.ParseCoinsNormalized(text)
		fmt.Printf("%s: %q %v\n", text, coins, err)
	}
	coin, err := sdk.ParseCoinNormalized("1.9uatom")
	fmt.Printf("one coin: %q %v\n", coin, err)
}
GO
(go mod init example.com/coins && go get github.com/cosmos/cosmos-sdk@v0.54.4 && go mod tidy && go build -o coins .) > go.log 2>&1
./coins | tee seen.txt

diff seen.txt - << 'SEEN'
1.9uatom: "1uatom" <nil>
0.5uatom: "0uatom" <nil>
2.5uatom,3uosmo: "2uatom,3uosmo" <nil>
one coin: "1uatom" <nil>
SEEN
echo 'as described'
