package app

import (
	"bytes"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// unprovable names the entries of the SDK's own stores that have empty values.
// These have no proof, and prevent proofs of their neighbours' absence.
var unprovable = map[string]string{
	banktypes.StoreKey:    "the index of a denom's holders",
	distrtypes.StoreKey:   "what is zero: the pool, rewards",
	govtypes.StoreKey:     "a constitution that there is not",
	stakingtypes.StoreKey: "the index of a validator's delegations, and the last block's changes of validators, mostly none",
}

// requireProofs requests from the app, as a light client does, a proof of each
// entry of each store and of the absence of the next possible key.
func requireProofs(t *testing.T, c *testChain, appHash []byte) {
	t.Helper()
	verifier := rootmulti.DefaultProofRuntime()
	height := c.LastBlockHeight()
	prove := func(store string, key []byte) ([]byte, func() error, func() error) {
		res, err := c.Query(t.Context(), &abci.RequestQuery{Path: "/store/" + store + "/key", Data: key, Height: height, Prove: true})
		require.NoError(t, err)
		require.Zero(t, res.Code, res.Log)
		path := merkle.KeyPath{}.AppendKey([]byte(store), merkle.KeyEncodingHex).AppendKey(key, merkle.KeyEncodingHex).String()
		return res.Value,
			func() error { return verifier.VerifyValue(res.ProofOps, appHash, path, res.Value) },
			func() error { return verifier.VerifyAbsence(res.ProofOps, appHash, path) }
	}
	proven := map[string]int{}
	for name, key := range c.storeKeys() {
		keys, values := entriesOf(t, c.CommitMultiStore().GetKVStore(key))
		for i, key := range keys {
			if unprovable[name] != "" && len(values[i]) == 0 {
				continue
			}
			require.NotEmpty(t, values[i], "%s: %q", name, key)
			value, present, _ := prove(name, key)
			require.Equal(t, values[i], value, "%s: %q", name, key)
			require.NoError(t, present(), "%s: %q", name, key)
			proven[name]++
			for _, other := range [][]byte{append(bytes.Clone(key), 0), key[:len(key)-1]} {
				at, found := slices.BinarySearchFunc(keys, other, bytes.Compare)
				hidden := at > 0 && len(values[at-1]) == 0 || at < len(keys) && len(values[at]) == 0
				if found || hidden || len(other) == 0 {
					continue
				}
				_, _, absent := prove(name, other)
				require.NoError(t, absent(), "%s: %q", name, other)
			}
		}
	}
	for _, name := range []string{"swingset", "vstorage", "bank", "acc"} {
		require.Positive(t, proven[name], name)
	}
}

func entriesOf(t *testing.T, store storetypes.KVStore) (keys, values [][]byte) {
	t.Helper()
	iterator := store.Iterator(nil, nil)
	for ; iterator.Valid(); iterator.Next() {
		keys, values = append(keys, bytes.Clone(iterator.Key())), append(values, bytes.Clone(iterator.Value()))
	}
	require.NoError(t, iterator.Close())
	return keys, values
}
