package node

import (
	cmtcfg "github.com/cometbft/cometbft/config"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	cmttypes "github.com/cometbft/cometbft/types"

	"github.com/cosmos/cosmos-sdk/server"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
)

// startComet starts CometBFT on the application. A node that has not started,
// or panicked while starting, must not be stopped.
func startComet(svr *server.Context, chain *app.App, watch *blockWatch) (*cmtnode.Node, error) {
	config := svr.Config
	nodeKey, err := p2p.LoadOrGenNodeKey(config.NodeKeyFile())
	if err != nil {
		return nil, err
	}
	// With a remote signer, CometBFT uses that and needs no key file.
	var validator cmttypes.PrivValidator
	if config.PrivValidatorListenAddr == "" {
		validator = privval.LoadOrGenFilePV(config.PrivValidatorKeyFile(), config.PrivValidatorStateFile())
	}
	application := server.NewCometABCIWrapper(chain)
	var options []cmtnode.Option
	if config.StateSync.Enable {
		taker := newSnapshotTaker(svr.Logger, watch.fail)
		application = takerApp{application, taker}
		options = append(options, taker.option)
	}
	comet, err := cmtnode.NewNode(config,
		validator,
		nodeKey,
		&abciClients{app: application},
		genesisProvider(config),
		home.OpenCometStore,
		cmtnode.DefaultMetricsProvider(config.Instrumentation),
		cometLogger{svr.Logger, watch.fail},
		options...,
	)
	if err != nil {
		return nil, err
	}
	if err := comet.Start(); err != nil {
		return nil, err
	}
	return comet, nil
}

func genesisProvider(config *cmtcfg.Config) cmtnode.GenesisDocProvider {
	return func() (*cmttypes.GenesisDoc, error) {
		genesis, err := genutiltypes.AppGenesisFromFile(config.GenesisFile())
		if err != nil {
			return nil, err
		}
		return genesis.ToGenesisDoc()
	}
}
