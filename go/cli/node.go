package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/rpc/client/local"
	cmttypes "github.com/cometbft/cometbft/types"
	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	"github.com/cosmos/cosmos-sdk/telemetry"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/panics"
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
	// pause is nil, except in tests.
	pause app.Pause
	temp  home.VMTemp
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

// runNode runs the node until it is asked to stop, or fails; then it ends the
// VM as well. It says with which exit code the process should end.
func runNode(in nodeInputs, k *kernel, stop *stopper) error {
	watch := newBlockWatch(in.svr.Logger, k)
	n := &runningNode{nodeInputs: in, controller: vm.NewController(k)}
	opened := make(chan error, 1)
	trace := func() bool { return in.svr.Viper.GetBool(server.FlagTrace) }
	go func() { opened <- panics.Recovered(trace, func() error { return n.open(k, watch) }) }()
	ended, open := n.awaitEnd(opened, k, watch, stop)
	if stop.isAsked() {
		n.drain(k, watch, stop)
	} else {
		n.park()
	}
	n.stopSnapshot(stop, open)
	n.close(k, stop, open)
	return ended
}

// stopRace is how much later than what it caused a stop may be heard: a signal
// to every process of a service also hits the VM's workers, and the failed
// action may be known first.
const stopRace = 500 * time.Millisecond

// awaitEnd returns when the node is to end, with why: it was asked to stop, it
// could not start, the VM died, a block failed. opened says that the stores
// are open and CometBFT may be closed: it is not parked in its start.
func (n *runningNode) awaitEnd(starting <-chan error, k *kernel, watch *blockWatch, stop *stopper) (why error, opened bool) {
	failed := make(chan error, 1)
	select {
	case err := <-starting:
		opened = true
		if err == nil {
			err = n.startServers(stop.asked)
		}
		if err != nil {
			failed <- err
			break
		}
		go func() { failed <- n.waitForServers() }()
	case <-stop.asked.Done():
	case <-watch.failed:
	case <-k.Closed():
		// CometBFT may wait in its start for long: for the genesis time, a signer.
	}
	select {
	case <-stop.asked.Done():
	case <-watch.failed:
	case <-k.Closed():
	case err := <-failed:
		if watch.failure() == nil && k.Err() == nil && !stop.isAsked() {
			return err, opened
		}
	}
	select {
	case <-stop.asked.Done():
		return stop.exitError(), opened
	case <-time.After(stopRace):
	}
	if k.Err() != nil {
		return &exitError{supervisor.ExitUnasked, k.died(fmt.Errorf("the VM ended: %w", k.Err()))}, opened
	}
	return blockExit(watch.failure()), opened
}

// blockExit is how the process ends after a block that was not made.
func blockExit(failure error) error {
	var halt *app.HaltError
	if errors.As(failure, &halt) {
		return &exitError{supervisor.ExitHalted, halt}
	}
	return &exitError{supervisor.ExitUnasked, failure}
}

// open opens stores and application and starts CometBFT, which replays what
// its last run left open: block actions may run in here, the kernel's first
// boot too. What it opened before an error is to be closed as well.
func (n *runningNode) open(k *kernel, watch *blockWatch) error {
	logger, options := n.svr.Logger, n.svr.Viper
	db, err := home.OpenChainStore(n.svr.Config.RootDir, options)
	if err != nil {
		return err
	}
	n.app, err = app.New(logger, db, app.Kernel{Controller: n.controller, Watcher: watch, Pause: n.pause, Temp: string(n.temp)}, options,
		app.BaseOptions(options)...)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err := checkStores(context.Background(), n.svr, n.app, k); err != nil {
		return err
	}
	if err := n.controller.Serve(k, n.app.Downcalls()...); err != nil {
		return err
	}
	return n.startComet(watch)
}

func (n *runningNode) startComet(watch *blockWatch) error {
	config := n.svr.Config
	nodeKey, err := p2p.LoadOrGenNodeKey(config.NodeKeyFile())
	if err != nil {
		return err
	}
	// With a remote signer CometBFT takes that, and there need not be a key.
	var validator cmttypes.PrivValidator
	if config.PrivValidatorListenAddr == "" {
		validator = privval.LoadOrGenFilePV(config.PrivValidatorKeyFile(), config.PrivValidatorStateFile())
	}
	comet, err := node.NewNode(config,
		validator,
		nodeKey,
		&abciClients{app: server.NewCometABCIWrapper(n.app)},
		genesisProvider(config),
		home.OpenCometStore,
		node.DefaultMetricsProvider(config.Instrumentation),
		cometLogger{n.svr.Logger, watch.fail},
	)
	if err != nil {
		return err
	}
	if err := comet.Start(); err != nil {
		return err
	}
	n.comet = comet // what has not started, or panicked in its start, must not be stopped
	return nil
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
	n.servers.Go(func() error { // there may be no other
		<-ctx.Done()
		return nil
	})
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

// waitForServers returns when they have ended, which they should not.
func (n *runningNode) waitForServers() error {
	err := n.servers.Wait()
	if err == nil {
		err = errors.New("the servers ended")
	}
	return &exitError{supervisor.ExitUnasked, err}
}

// drain lets the running block action end and no other begin. A stop that was
// asked for while the VM was dying has nothing to wait for.
func (n *runningNode) drain(k *kernel, watch *blockWatch, stop *stopper) {
	n.svr.Logger.Info("stopping: the running block action ends, no further block is committed")
	k.life.Enter(supervisor.StateDraining)
	ctx, cancel := context.WithCancel(stop.hurry)
	defer cancel()
	go func() {
		defer cancel()
		select {
		case <-watch.failed:
		case <-k.Closed():
		case <-ctx.Done():
		}
	}()
	_ = n.controller.Drain(ctx)
}

// park lets no further block action begin.
func (n *runningNode) park() {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_ = n.controller.Drain(done)
}

// stopSnapshot ends a snapshot that is being made.
func (n *runningNode) stopSnapshot(stop *stopper, opened bool) {
	if !opened || n.app == nil {
		return
	}
	ctx, cancel := context.WithTimeout(stop.hurry, closeLimit)
	defer cancel()
	n.app.StopSnapshot(ctx)
}

// close ends the VM and meanwhile closes what is open, within closeLimit.
func (n *runningNode) close(k *kernel, stop *stopper, opened bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		k.end(stop)
	}()
	defer func() { <-ended }()
	if !opened {
		return
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		// A panic here would replace the reason of the end.
		if err := panics.Recovered(panics.NoTrace, n.closeStores); err != nil {
			n.svr.Logger.Error("the stores were not closed", "reason", err.Error())
		}
	}()
	select {
	case <-closed:
	case <-time.After(closeLimit):
	case <-stop.hurry.Done():
	}
}

func (n *runningNode) closeStores() error {
	if n.stopServers != nil {
		n.stopServers()
		_ = n.servers.Wait()
	}
	if n.comet != nil && n.comet.IsRunning() {
		_ = n.comet.Stop()
	}
	if n.app != nil {
		return n.app.Close()
	}
	return nil
}
