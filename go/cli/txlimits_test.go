package cli

import (
	"bytes"
	"context"
	"errors"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

func TestNewFilesAllowTheLargestBundle(t *testing.T) {
	comet, app := cmtcfg.DefaultConfig(), serverconfig.DefaultConfig()
	allowBundles(comet)
	allowBundlesInApp(app)
	const rest = 64 << 10 // more than is around a bundle
	require.Greater(t, comet.Mempool.MaxTxBytes, types.MaxBundleSize+rest)
	require.Greater(t, comet.RPC.MaxBodyBytes, int64(2*(types.MaxBundleSize+rest)), "a simulation's hexadecimal digits")
	require.Greater(t, int64(app.API.RPCMaxBodyBytes), int64(types.MaxBundleSize+rest)*4/3)
	require.Greater(t, app.GRPC.MaxRecvMsgSize, types.MaxBundleSize+rest)
	require.Less(t, int64(comet.Mempool.MaxTxBytes), cmttypes.DefaultConsensusParams().Block.MaxBytes, "a new genesis' block takes it")
	require.NoError(t, comet.ValidateBasic())

	var logged bytes.Buffer
	warnOfTxLimits(log.NewLogger(&logged), comet, *app)
	require.Empty(t, logged.String())
	comet.RPC.MaxBodyBytes, app.GRPC.MaxRecvMsgSize, app.API.RPCMaxBodyBytes = 1, 2, 3
	warnOfTxLimits(log.NewLogger(&logged), comet, *app)
	require.Contains(t, logged.String(), "rpc.max_body_bytes = 1, wants 24117248; app.toml grpc.max-recv-msg-size = 2, wants 12582912")
	require.NotContains(t, logged.String(), "rpc-max-body-bytes", "REST is off")
}

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
