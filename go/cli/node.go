package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/rpc/client/local"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servercmtlog "github.com/cosmos/cosmos-sdk/server/log"
	"github.com/cosmos/cosmos-sdk/telemetry"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// closeLimit bounds the closing of CometBFT and the stores after the last
// block action. Consensus may be parked in a block that must not be committed;
// then its stores are left as a power cut would leave them, which they survive.
const closeLimit = 2 * time.Second

type nodeInputs struct {
	svr    *server.Context
	client client.Context
	config serverconfig.Config
}

// runningNode is the app, CometBFT and the servers around them.
type runningNode struct {
	nodeInputs
	app        *app.App
	controller *vm.Controller
	comet      *node.Node
	servers    *errgroup.Group
	// stopServers ends the servers' context.
	stopServers context.CancelFunc
}

// runNode runs the node until it is asked to stop, or fails. It says with
// which exit code the process should end.
func runNode(in nodeInputs, k *kernel, stop *stopper) error {
	watch := newBlockWatch(in.svr.Logger, k)
	n := &runningNode{nodeInputs: in, controller: vm.NewController(k)}
	opened := make(chan error, 1)
	trace := func() bool { return in.svr.Viper.GetBool(server.FlagTrace) }
	go func() { opened <- recovered(trace, func() error { return n.open(k, watch) }) }()
	var startErr error
	select {
	case startErr = <-opened:
	case <-stop.asked.Done():
		// open is not waited for, nor closed under: CometBFT may be parked in it.
		return n.drain(stop)
	}
	if startErr == nil {
		startErr = n.startServers(stop.asked)
	}
	var ended error
	switch {
	case startErr == nil:
		ended = n.wait(k, watch, stop)
	case stop.isAsked():
		ended = &exitError{supervisor.ExitSignal, startErr}
	default:
		ended = describeFailure(startErr, k, watch)
	}
	n.close(stop)
	return ended
}

// open opens stores and application and starts CometBFT, which replays what
// its last run left open: block actions may run in here, the kernel's first
// boot too. What it opened before an error is to be closed as well.
func (n *runningNode) open(k *kernel, watch *blockWatch) error {
	home, logger, options := n.svr.Config.RootDir, n.svr.Logger, n.svr.Viper
	db, err := dbm.NewDB("application", server.GetAppDBBackend(options), filepath.Join(home, "data"))
	if err != nil {
		return fmt.Errorf("data of %s: %w (does another agd run on this home?)", home, err)
	}
	n.app, err = app.New(logger, db, app.Kernel{Controller: n.controller, Watcher: watch}, options,
		server.DefaultBaseappOptions(options)...)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err := n.controller.Serve(k, n.app.Downcalls()...); err != nil {
		return err
	}
	return n.startComet()
}

func (n *runningNode) startComet() error {
	config := n.svr.Config
	nodeKey, err := p2p.LoadOrGenNodeKey(config.NodeKeyFile())
	if err != nil {
		return err
	}
	n.comet, err = node.NewNode(config,
		privval.LoadOrGenFilePV(config.PrivValidatorKeyFile(), config.PrivValidatorStateFile()),
		nodeKey,
		&abciClients{app: server.NewCometABCIWrapper(n.app)},
		genesisProvider(config),
		cmtcfg.DefaultDBProvider,
		node.DefaultMetricsProvider(config.Instrumentation),
		servercmtlog.CometLoggerWrapper{Logger: n.svr.Logger},
	)
	if err != nil {
		return err
	}
	return n.comet.Start()
}

func genesisProvider(config *cmtcfg.Config) node.GenesisDocProvider {
	return func() (*cmttypes.GenesisDoc, error) {
		genesis, err := genutiltypes.AppGenesisFromFile(config.GenesisFile())
		if err != nil {
			return nil, err
		}
		return genesis.ToGenesisDoc()
	}
}

// startServers starts gRPC and REST as app.toml says. They end with stop.
func (n *runningNode) startServers(stop context.Context) error {
	ctx, cancel := context.WithCancel(stop)
	n.stopServers = cancel
	n.servers, ctx = errgroup.WithContext(ctx)
	//lint:ignore SA1019 app.toml's section telemetry is this one
	metrics, err := telemetry.New(n.config.Telemetry)
	if err != nil {
		return err
	}
	clientCtx := n.client
	if n.config.API.Enable || n.config.GRPC.Enable {
		clientCtx = clientCtx.WithClient(local.New(n.comet))
		n.app.RegisterTxService(clientCtx)
		n.app.RegisterTendermintService(clientCtx)
		n.app.RegisterNodeService(clientCtx, n.config)
	}
	grpcServer, clientCtx, err := server.StartGrpcServer(ctx, n.servers, n.config.GRPC, clientCtx, n.svr, n.app)
	if err != nil || !n.config.API.Enable {
		return err
	}
	rest := api.New(clientCtx.WithHomeDir(n.svr.Config.RootDir), n.svr.Logger.With("module", "api-server"), grpcServer)
	n.app.RegisterAPIRoutes(rest, n.config.API)
	//lint:ignore SA1019 as above
	if n.config.Telemetry.Enabled {
		//lint:ignore SA1019 as above
		rest.SetTelemetry(metrics)
	}
	n.servers.Go(func() error { return rest.Start(ctx, n.config) })
	return nil
}

// wait returns when the node is to end, with why. A stop lets the running
// block action end; afterwards no block is committed.
func (n *runningNode) wait(k *kernel, watch *blockWatch, stop *stopper) error {
	failed := make(chan error, 1)
	go func() { failed <- n.servers.Wait() }()
	select {
	case <-stop.asked.Done():
		return n.drain(stop)
	case <-watch.failed:
		return describeFailure(nil, k, watch)
	case <-k.Closed():
		return describeFailure(nil, k, watch)
	case err := <-failed:
		if err == nil {
			err = errors.New("the servers ended")
		}
		return &exitError{supervisor.ExitUnasked, err}
	}
}

// drain lets the running block action end and no other begin, and returns the
// end that a stop asks for.
func (n *runningNode) drain(stop *stopper) error {
	n.svr.Logger.Info("stopping: the running block action ends, no further block is committed")
	_ = n.controller.Drain(stop.hurry)
	return &exitError{supervisor.ExitSignal, errors.New("stopped by a signal")}
}

// describeFailure tells apart what ended the node: the kernel's death, a
// failed block, or a node that could not start.
func describeFailure(startErr error, k *kernel, watch *blockWatch) error {
	select {
	case <-k.Closed():
		return &exitError{supervisor.ExitUnasked, fmt.Errorf("the VM ended: %s", k.deathNote())}
	default:
	}
	if err := watch.failure(); err != nil {
		return &exitError{supervisor.ExitUnasked, fmt.Errorf("block failed: %w", err)}
	}
	return startErr
}

// close closes what is open, within closeLimit.
func (n *runningNode) close(stop *stopper) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if n.stopServers != nil {
			n.stopServers()
			_ = n.servers.Wait()
		}
		if n.comet != nil && n.comet.IsRunning() {
			_ = n.comet.Stop()
		}
		if n.app != nil {
			_ = n.app.Close()
		}
	}()
	select {
	case <-done:
	case <-time.After(closeLimit):
	case <-stop.hurry.Done():
	}
}
