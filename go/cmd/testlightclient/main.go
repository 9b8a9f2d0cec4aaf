// Command testlightclient is a light client of one node, for tests. It verifies
// the node's headers from the first block on, and against them every entry of a
// store below a prefix, and the absence of a key before and after each.
//
// Usage: testlightclient RPC STORE PREFIX. It prints the number of entries, and
// how many have an empty value. It exits with 1 at the first answer without a
// valid proof.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/light"
	"github.com/cometbft/cometbft/light/provider"
	lighthttp "github.com/cometbft/cometbft/light/provider/http"
	lightdb "github.com/cometbft/cometbft/light/store/db"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: testlightclient RPC STORE PREFIX")
		os.Exit(1)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintf(os.Stderr, "testlightclient: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address, store, prefix string) error {
	node, err := rpchttp.New(address, "/websocket")
	if err != nil {
		return err
	}
	status, err := node.Status(ctx)
	if err != nil {
		return err
	}
	first := status.SyncInfo.EarliestBlockHeight
	trusted, err := node.Commit(ctx, &first)
	if err != nil {
		return err
	}
	primary, err := lighthttp.New(trusted.ChainID, address)
	if err != nil {
		return err
	}
	headers, err := light.NewClient(ctx, trusted.ChainID,
		light.TrustOptions{Period: 24 * time.Hour, Height: first, Hash: trusted.Hash()},
		primary, []provider.Provider{primary}, lightdb.New(dbm.NewMemDB(), ""), light.Logger(log.NewNopLogger()))
	if err != nil {
		return err
	}
	// The header of a block has the app hash of the block before it.
	header, err := headers.VerifyLightBlockAtHeight(ctx, status.SyncInfo.LatestBlockHeight, time.Now())
	if err != nil {
		return err
	}
	at := verified{node: node, store: store, height: header.Height - 1, appHash: header.AppHash}
	keys, err := at.keys(ctx, prefix)
	if err != nil {
		return err
	}
	present, empty := 0, 0
	for _, key := range keys {
		value, err := at.proven(ctx, key)
		for _, neighbour := range [][]byte{append(bytes.Clone(key), 0), before(key)} {
			if err != nil {
				break
			}
			var near []byte
			if near, err = at.proven(ctx, neighbour); err == nil && near != nil {
				err = fmt.Errorf("the neighbour %q has a value", neighbour)
			}
		}
		if err != nil {
			return fmt.Errorf("%s %q: %w", store, key, err)
		}
		if value != nil {
			present++
		}
		if len(value) == 1 { // its mark alone
			empty++
		}
	}
	fmt.Printf("%d entries, %d empty\n", present, empty)
	return nil
}

// before is a key between the one before and key.
func before(key []byte) []byte {
	near := bytes.Clone(key)
	near[len(near)-1]--
	return append(near, 0xff)
}

// verified is a store at a height whose app hash the light client has verified.
type verified struct {
	node    rpcclient.ABCIClient
	store   string
	height  int64
	appHash []byte
}

// keys lists the keys that the store has below a prefix now, as the node says: a
// block may have changed some since the verified height.
func (v verified) keys(ctx context.Context, prefix string) (keys [][]byte, err error) {
	got, err := v.node.ABCIQuery(ctx, "/store/"+v.store+"/subspace", []byte(prefix))
	if err != nil {
		return nil, err
	}
	for _, text := range fields(got.Response.Value)[1] { // of Pairs
		keys = append(keys, fields(text)[1]...) // of Pair
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s has no entries below %q: %s", v.store, prefix, got.Response.Log)
	}
	return keys, nil
}

// fields returns the length-delimited fields of a protobuf message by number:
// the SDK's type of the answer (Pairs) is internal.
func fields(message []byte) map[protowire.Number][][]byte {
	found := map[protowire.Number][][]byte{}
	for len(message) > 0 {
		number, _, tag := protowire.ConsumeTag(message)
		value, length := protowire.ConsumeBytes(message[max(tag, 0):])
		if tag < 0 || length < 0 {
			return nil
		}
		found[number] = append(found[number], value)
		message = message[tag+length:]
	}
	return found
}

// proven returns the value of a key, nil if it is absent, once it has verified
// the proof of that.
func (v verified) proven(ctx context.Context, key []byte) ([]byte, error) {
	got, err := v.node.ABCIQueryWithOptions(ctx, "/store/"+v.store+"/key", key, rpcclient.ABCIQueryOptions{Prove: true, Height: v.height})
	if err != nil {
		return nil, err
	}
	answer := got.Response
	if answer.IsErr() || answer.ProofOps == nil || answer.Height != v.height {
		return nil, fmt.Errorf("no proof at height %d: %s", v.height, answer.Log)
	}
	path := merkle.KeyPath{}.AppendKey([]byte(v.store), merkle.KeyEncodingURL).AppendKey(key, merkle.KeyEncodingHex).String()
	proofs := rootmulti.DefaultProofRuntime()
	if answer.Value == nil {
		return nil, proofs.VerifyAbsence(answer.ProofOps, v.appHash, path)
	}
	return answer.Value, proofs.VerifyValue(answer.ProofOps, v.appHash, path, answer.Value)
}
