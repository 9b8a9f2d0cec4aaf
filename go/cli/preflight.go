package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	cmtcfg "github.com/cometbft/cometbft/config"
	sm "github.com/cometbft/cometbft/state"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
)

// preflight finds what would make start fail, before a kernel is started and
// before anything is written: bad options, a genesis that cannot be read or is
// of another chain, a validator's files, ports in use.
func preflight(v *viper.Viper, comet *cmtcfg.Config, config serverconfig.Config) error {
	if executor := v.GetString(server.FlagBlockExecutor); executor == serverconfig.BlockExecutorBlockSTM {
		return errors.New("block-executor = block-stm is not supported: speculative execution would run the kernel's block actions twice")
	}
	if err := config.ValidateBasic(); err != nil {
		return err
	}
	if err := checkStateSync(comet, config); err != nil {
		return err
	}
	genesis, err := checkGenesis(comet, v.GetString(flags.FlagChainID))
	if err != nil {
		return err
	}
	fresh, err := checkChain(comet, genesis.ChainID)
	if err != nil {
		return err
	}
	if fresh {
		if err := app.CheckKernelExport(genesis.AppState, v); err != nil {
			return err
		}
	}
	if err := checkValidatorFiles(comet); err != nil {
		return err
	}
	return checkPorts(comet, config)
}

// checkStateSync refuses options by which the node would make or take
// snapshots of the chain's store without the kernel's.
func checkStateSync(comet *cmtcfg.Config, config serverconfig.Config) error {
	if config.StateSync.SnapshotInterval > 0 {
		return fmt.Errorf("state-sync.snapshot-interval = %d is not supported: %w", config.StateSync.SnapshotInterval, errNoStateSync)
	}
	if comet.StateSync.Enable {
		return fmt.Errorf("statesync.enable = true is not supported: %w", errNoStateSync)
	}
	return nil
}

func checkGenesis(comet *cmtcfg.Config, wanted string) (*genutiltypes.AppGenesis, error) {
	file := comet.GenesisFile()
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no genesis at %s: run `agd init MONIKER`, or copy the network's genesis there", file)
	}
	genesis, err := genutiltypes.AppGenesisFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("genesis %s: %w", file, err)
	}
	if err := genesis.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("genesis %s: %w", file, err)
	}
	if wanted != "" && wanted != genesis.ChainID {
		return nil, fmt.Errorf("--chain-id is %s, but the genesis of this home is of chain %s", wanted, genesis.ChainID)
	}
	return genesis, nil
}

// checkChain refuses a home whose data were made by another chain. As long as
// no block was made it forgets the genesis that CometBFT has kept, so that
// one that the kernel could not boot from can be corrected; fresh tells so.
func checkChain(comet *cmtcfg.Config, chainID string) (fresh bool, err error) {
	if _, err := os.Stat(filepath.Join(comet.DBDir(), "state.db")); err != nil {
		return true, nil // nothing there yet
	}
	db, err := cmtcfg.DefaultDBProvider(&cmtcfg.DBContext{ID: "state", Config: comet})
	if err != nil {
		return false, fmt.Errorf("data of %s: %w (does another agd run on this home?)", comet.RootDir, err)
	}
	defer db.Close()
	state, err := sm.NewStore(db, sm.StoreOptions{}).Load()
	if err != nil {
		return false, fmt.Errorf("data of %s: %w", comet.RootDir, err)
	}
	if state.IsEmpty() {
		return true, db.DeleteSync(cometGenesisKey)
	}
	if state.ChainID != chainID {
		return false, fmt.Errorf("the data in %s are of chain %s, but the genesis is of chain %s: use another --home, or reset with `agd comet unsafe-reset-all`",
			comet.RootDir, state.ChainID, chainID)
	}
	return false, nil
}

// cometGenesisKey is where CometBFT keeps its genesis in the state database
// (its node/setup.go, genesisDocKey).
var cometGenesisKey = []byte("genesisDoc")

// checkPorts tries to listen on each address, so that a port in use is found
// before the kernel boots, and the error names the option.
func checkPorts(comet *cmtcfg.Config, config serverconfig.Config) error {
	const another = "choose another with "
	type listening struct{ option, address, remedy string }
	addresses := []listening{
		{"rpc.laddr", comet.RPC.ListenAddress, another + "--rpc.laddr"},
		{"p2p.laddr", comet.P2P.ListenAddress, another + "--p2p.laddr"},
	}
	if config.GRPC.Enable {
		addresses = append(addresses, listening{"grpc.address", config.GRPC.Address, another + "--grpc.address"})
	}
	if config.API.Enable {
		addresses = append(addresses, listening{"api.address", config.API.Address, another + "--api.address"})
	}
	if comet.Instrumentation.IsPrometheusEnabled() {
		const option = "instrumentation.prometheus_listen_addr"
		addresses = append(addresses, listening{option, comet.Instrumentation.PrometheusListenAddr, "choose another in config.toml"})
	}
	for _, a := range addresses {
		network, address, found := strings.Cut(a.address, "://")
		if !found {
			network, address = "tcp", a.address
		}
		if network != "tcp" {
			continue
		}
		listener, err := net.Listen(network, address)
		if err != nil {
			return fmt.Errorf("%s: %w (%s)", a.option, err, a.remedy)
		}
		_ = listener.Close()
	}
	return nil
}
