package options

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	pruningtypes "github.com/cosmos/cosmos-sdk/store/v2/pruning/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/x/swingset"
)

// Names of options of the SDK and CometBFT that neither exports.
const (
	FlagGenesisHash       = "genesis_hash"
	flagGRPCOnly          = "grpc-only"
	optionStreamingPlugin = "streaming.abci.plugin"
	optionMinGasPrices    = server.FlagMinGasPrices
)

// PruningStrategies are the values of --pruning.
var PruningStrategies = []string{
	pruningtypes.PruningOptionDefault, pruningtypes.PruningOptionNothing,
	pruningtypes.PruningOptionEverything, pruningtypes.PruningOptionCustom,
}

// startChecks are start's checks of single values, beyond their types and the
// checks of CometBFT's configuration.
var startChecks = []func(*viper.Viper) error{
	checkSupported,
	checkServerConfig,
	func(v *viper.Viper) error {
		// "" is left to the SDK: without the option the error must differ, see check.
		if strategy := v.GetString(server.FlagPruning); strategy != "" && !slices.Contains(PruningStrategies, strings.ToLower(strategy)) {
			return fmt.Errorf("expected %s", alternatives(PruningStrategies))
		}
		_, err := server.GetPruningOptionsFromFlags(v)
		return err
	},
	func(v *viper.Viper) error {
		if _, err := sdk.ParseDecCoins(v.GetString(optionMinGasPrices)); err != nil {
			return fmt.Errorf("expected amounts with denominations, separated by commas, such as 0.1%s: %w", app.FeeDenom, err)
		}
		return nil
	},
	func(v *viper.Viper) error {
		_, err := LimitsOf(v)
		return err
	},
	func(v *viper.Viper) error {
		_, err := swingset.KernelConfig(v)
		return err
	},
	// CometBFT would continue without an index, and the SDK with its default sink.
	oneOf("tx_index.indexer", "", "kv", "null", "psql"),
	oneOf("telemetry.metrics-sink", "", "mem", "statsd", "dogstatsd", "otel"),
	oneOf(FlagSplitTransport, "", TransportAuto, TransportPipe, TransportShm),
	oneOf(FlagJail, "", JailAuto, JailOn, JailOff),
	oneOf(server.FlagBlockExecutor, "", serverconfig.BlockExecutorSequential),
}

// CheckStart returns an error for a value that start cannot use, with its
// source.
func CheckStart(cmd *cobra.Command) error {
	given, _ := cmd.Context().Value(givenKey{}).(givenOptions)
	v := server.GetServerContextFromCmd(cmd).Viper
	for _, check := range startChecks {
		if err := given.check(v, check); err != nil {
			return err
		}
	}
	return nil
}

// checkSupported refuses options of the SDK that a node with a kernel does not
// support.
func checkSupported(v *viper.Viper) error {
	switch {
	case v.GetString(server.FlagBlockExecutor) == serverconfig.BlockExecutorBlockSTM:
		return errors.New("block-executor = block-stm is not supported: speculative execution would run the kernel's block actions twice")
	case v.GetBool(flagGRPCOnly):
		return errors.New("not supported: agd has no mode without CometBFT")
	case v.GetString(optionStreamingPlugin) != "":
		return errors.New("not supported: agd loads no plugin")
	default:
		return nil
	}
}

func checkServerConfig(v *viper.Viper) error {
	config, err := serverconfig.GetConfig(v)
	if err != nil {
		return err
	}
	//lint:ignore SA1019 app.toml's section telemetry is this one
	for _, label := range config.Telemetry.GlobalLabels {
		if len(label) != 2 {
			return fmt.Errorf("telemetry.global-labels: expected pairs of name and value, got %q", label)
		}
	}
	return config.ValidateBasic()
}
