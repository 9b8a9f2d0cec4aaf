package options

import (
	"bytes"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

func TestNewFilesAllowTheLargestBundle(t *testing.T) {
	comet, app := cmtcfg.DefaultConfig(), serverconfig.DefaultConfig()
	allowBundles(comet)
	allowBundlesInApp(app)
	const rest = 64 << 10 // more than the rest of the transaction
	require.Greater(t, comet.Mempool.MaxTxBytes, types.MaxBundleSize+rest)
	require.Greater(t, comet.RPC.MaxBodyBytes, int64(2*(types.MaxBundleSize+rest)), "a simulation's hexadecimal digits")
	require.Greater(t, int64(app.API.RPCMaxBodyBytes), int64(types.MaxBundleSize+rest)*4/3)
	require.Greater(t, app.GRPC.MaxRecvMsgSize, types.MaxBundleSize+rest)
	require.Less(t, int64(comet.Mempool.MaxTxBytes), cmttypes.DefaultConsensusParams().Block.MaxBytes, "a new genesis' block takes it")
	require.NoError(t, comet.ValidateBasic())

	var logged bytes.Buffer
	WarnOfTxLimits(log.NewLogger(&logged), comet, *app)
	require.Empty(t, logged.String())
	comet.RPC.MaxBodyBytes, app.GRPC.MaxRecvMsgSize, app.API.RPCMaxBodyBytes = 1, 2, 3
	WarnOfTxLimits(log.NewLogger(&logged), comet, *app)
	require.Contains(t, logged.String(), "rpc.max_body_bytes = 1, wants 24117248; app.toml grpc.max-recv-msg-size = 2, wants 12582912")
	require.NotContains(t, logged.String(), "rpc-max-body-bytes", "REST is off")
}
