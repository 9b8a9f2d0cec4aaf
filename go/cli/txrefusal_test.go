package cli

import (
	"context"
	"errors"
	"testing"

	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
)

// refusingClient fails each broadcast.
type refusingClient struct {
	client.CometRPC
	reason error
}

func (c refusingClient) BroadcastTxSync(context.Context, cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	return nil, c.reason
}

func TestRefusalsForSizeNameTheOption(t *testing.T) {
	large := make(cmttypes.Tx, 1<<20)
	send := func(tx cmttypes.Tx, reason string) (*coretypes.ResultBroadcastTx, error) {
		return explainingClient{refusingClient{reason: errors.New(reason)}}.BroadcastTxSync(t.Context(), tx)
	}
	result, err := send(large, "Tx too large. Max size is 1, but got 2")
	require.NoError(t, err)
	require.Equal(t, uint32(21), result.Code)
	require.Equal(t, "Tx too large. Max size is 1, but got 2: raise mempool.max_tx_bytes in the config.toml of the network's nodes", result.Log)
	_, err = send(large, "write: broken pipe")
	require.EqualError(t, err, "write: broken pipe: the node takes no request of that size (1048576 bytes of transaction): raise rpc.max_body_bytes in its config.toml")
	for tx, reason := range map[*cmttypes.Tx]string{{1}: "write: broken pipe", &large: "connection refused"} {
		_, err = send(*tx, reason)
		require.EqualError(t, err, reason)
	}
}
