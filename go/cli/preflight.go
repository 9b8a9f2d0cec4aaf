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
	genesis, err := checkGenesis(comet, v.GetString(flags.FlagChainID))
	if err != nil {
		return err
	}
	fresh, err := checkChain(comet, genesis.ChainID)
	if err != nil {
		return err
	}
	switch {
	case fresh && comet.StateSync.Enable:
		err = checkNoChainStore(comet.RootDir, v)
	case fresh:
		if err = app.CheckAccounts(genesis.AppState); err == nil {
			err = app.CheckKernelExport(genesis.AppState, v)
		}
	}
	if err != nil {
		return err
	}
	if err := checkValidatorFiles(comet); err != nil {
		return err
	}
	return checkPorts(comet, config)
}

// checkNoChainStore refuses a home that is to state-sync and has a chain's
// store, though no block: a state-sync before did not end.
func checkNoChainStore(home string, options *viper.Viper) error {
	height, err := storeHeight(home, options)
	if err == nil && height > 0 {
		err = fmt.Errorf("%s has a chain's store at height %d, but no block: a state-sync did not end; reset with `agd comet unsafe-reset-all`, and start again", home, height)
	}
	return err
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
	if comet.PrivValidatorListenAddr != "" {
		addresses = append(addresses, listening{"priv_validator_laddr", comet.PrivValidatorListenAddr, another + "--priv_validator_laddr"})
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
