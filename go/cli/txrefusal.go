package cli

import (
	"context"
	"fmt"
	"strings"

	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/spf13/cobra"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/app"
)

// explainRefusals makes commands that send transactions name the node's option
// that refused one for its size, and say that a transaction was sent before. The
// SDK itself reports only a code, or a broken connection.
func explainRefusals(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		explainRefusals(sub)
	}
	run := cmd.RunE
	node := cmd.Flags().Lookup(flags.FlagNode)
	if run == nil || node == nil {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, err := client.ReadPersistentCommandFlags(client.GetClientContextFromCmd(cmd), cmd.Flags())
		if err != nil {
			return err
		}
		if ctx.Client != nil {
			ctx = ctx.WithClient(explainingClient{ctx.Client})
			// Otherwise the command would create another client.
			node.Changed = false
		}
		if err := client.SetCmdClientContext(cmd, ctx); err != nil {
			return err
		}
		return run(cmd, args)
	}
}

// explainingClient is a client of a node's RPC that names options.
type explainingClient struct{ client.CometRPC }

// BroadcastTxSync implements rpcclient.ABCIClient.
func (c explainingClient) BroadcastTxSync(ctx context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	result, err := c.CometRPC.BroadcastTxSync(ctx, tx)
	return explained(tx, result, err)
}

// BroadcastTxAsync implements rpcclient.ABCIClient.
func (c explainingClient) BroadcastTxAsync(ctx context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	result, err := c.CometRPC.BroadcastTxAsync(ctx, tx)
	return explained(tx, result, err)
}

// ABCIQueryWithOptions implements rpcclient.ABCIClient. Simulations come here.
func (c explainingClient) ABCIQueryWithOptions(
	ctx context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions,
) (*coretypes.ResultABCIQuery, error) {
	result, err := c.CometRPC.ABCIQueryWithOptions(ctx, path, data, opts)
	return result, bodyRefusal(len(data), err)
}

func explained(tx cmttypes.Tx, result *coretypes.ResultBroadcastTx, err error) (*coretypes.ResultBroadcastTx, error) {
	if err == nil {
		return result, nil
	}
	switch text := strings.ToLower(err.Error()); {
	case strings.Contains(text, "tx too large"):
		return refusal(sdkerrors.ErrTxTooLarge, tx,
			fmt.Sprintf("%s: raise mempool.max_tx_bytes in the config.toml of the network's nodes", err)), nil
	case strings.Contains(text, "tx already exists in cache"):
		return refusal(sdkerrors.ErrTxInMempoolCache, tx, fmt.Sprintf(
			"the node has this very transaction already, and executes it once: send one like it when that is in a block (%s query wait-tx %X)",
			app.Name, tx.Hash())), nil
	}
	return result, bodyRefusal(len(tx), err)
}

func refusal(code *errorsmod.Error, tx cmttypes.Tx, log string) *coretypes.ResultBroadcastTx {
	return &coretypes.ResultBroadcastTx{Code: code.ABCICode(), Codespace: code.Codespace(), Hash: tx.Hash(), Log: log}
}

// largeBody is a size that some nodes refuse.
const largeBody = 256 << 10

func bodyRefusal(size int, err error) error {
	if err == nil || size < largeBody {
		return err
	}
	for _, sign := range []string{"request body too large", "broken pipe", "connection reset"} {
		if strings.Contains(err.Error(), sign) {
			return fmt.Errorf("%w: the node takes no request of that size (%d bytes of transaction): raise rpc.max_body_bytes in its config.toml", err, size)
		}
	}
	return err
}
