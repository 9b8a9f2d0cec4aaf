package options

import (
	"fmt"
	"strings"

	cmtcfg "github.com/cometbft/cometbft/config"

	"cosmossdk.io/log/v2"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Limits in new configuration files, in bytes. The defaults of CometBFT and the
// SDK refuse bundles that the kernel would accept.
const (
	// defaultTxBytes fits the largest bundle, uncompressed, and the rest of its
	// transaction.
	defaultTxBytes = swingsettypes.MaxBundleSize + 1<<20
	// defaultBodyBytes fits such a transaction in hexadecimal, as a simulation
	// sends it; base64 is shorter.
	defaultBodyBytes = 2*defaultTxBytes + 1<<20
	// defaultGRPCBytes fits such a transaction in binary.
	defaultGRPCBytes = defaultTxBytes + 1<<20
)

func allowBundles(comet *cmtcfg.Config) {
	comet.RPC.MaxBodyBytes = defaultBodyBytes
	comet.Mempool.MaxTxBytes = defaultTxBytes
}

func allowBundlesInApp(config *serverconfig.Config) {
	config.API.RPCMaxBodyBytes = defaultBodyBytes
	config.GRPC.MaxRecvMsgSize = defaultGRPCBytes
}

// WarnOfTxLimits logs in one line which options refuse bundles.
func WarnOfTxLimits(logger log.Logger, comet *cmtcfg.Config, config serverconfig.Config) {
	var small []string
	for _, limit := range []struct {
		option       string
		value, wants int64
	}{
		{"config.toml mempool.max_tx_bytes", int64(comet.Mempool.MaxTxBytes), defaultTxBytes},
		{"config.toml rpc.max_body_bytes", comet.RPC.MaxBodyBytes, defaultBodyBytes},
	} {
		if limit.value < limit.wants {
			small = append(small, fmt.Sprintf("%s = %d, wants %d", limit.option, limit.value, limit.wants))
		}
	}
	if config.API.Enable && config.API.RPCMaxBodyBytes < defaultBodyBytes {
		small = append(small, fmt.Sprintf("app.toml api.rpc-max-body-bytes = %d, wants %d", config.API.RPCMaxBodyBytes, defaultBodyBytes))
	}
	if config.GRPC.Enable && config.GRPC.MaxRecvMsgSize < defaultGRPCBytes {
		small = append(small, fmt.Sprintf("app.toml grpc.max-recv-msg-size = %d, wants %d", config.GRPC.MaxRecvMsgSize, defaultGRPCBytes))
	}
	if len(small) > 0 {
		logger.Warn("the largest bundles cannot be sent to this node: options are too small for them", "options", strings.Join(small, "; "))
	}
}
