// Package node runs a node beside its VM: the application, CometBFT and the
// servers. It also makes exports and restores, which need both stores. Before
// it starts the VM, it checks for everything that would make the node fail.
package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	cmtnode "github.com/cometbft/cometbft/node"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/panics"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// closeLimit bounds the closing of CometBFT and the stores after the last block
// action. Consensus may be parked in a block that must not be committed. Its
// stores then remain as after a power cut, which they survive.
const closeLimit = 2 * time.Second

// Node is the app, CometBFT and the servers around them.
type Node struct {
	svr    *server.Context
	client client.Context
	config serverconfig.Config
	banner Banner
	// pause is nil, except in tests.
	pause app.Pause
	temp  home.VMTemp
	// flight has the last frames.
	flight *flight
	// tracers is nil without OpenTelemetry.
	tracers *vm.Tracers

	app        *app.App
	controller *vm.Controller
	comet      *cmtnode.Node
	servers    *servers
}

// Start runs a node with the VM that launch connects it to, from preflight to
// the end of both. temp is the VM's directory for
// temporary files, which launch names in its environment. banner is for
// the report that the node is ready.
func Start(svr *server.Context, ctx client.Context, launch vmproc.Launcher, temp home.VMTemp, at PausePoint, banner Banner) error {
	config, err := serverconfig.GetConfig(svr.Viper)
	if err != nil {
		return err
	}
	lock, err := home.Lock(svr.Config.RootDir)
	if err != nil {
		return err
	}
	defer lock.Close()
	defer temp.Remove() // after the VM's end
	if err := temp.Empty(); err != nil {
		return err
	}
	if err := preflight(svr, config, launch.Options, launch.Env, launch.Hosted != nil); err != nil {
		return err
	}
	options.WarnOfTxLimits(svr.Logger, svr.Config, config)
	options.WarnOfSnapshots(svr.Logger, svr.Config, config)
	if launch.Tracer == nil {
		launch.Tracer = &trace.Tracer{}
	}
	tracers, stopTelemetry, err := startTelemetry(svr.Logger, telemetryFile(launch.Home, environ.Get(launch.Env, envTelemetry)))
	if err != nil {
		return err
	}
	defer stopTelemetry()
	flight := &flight{tracer: launch.Tracer, home: launch.Home, agd: banner.Agd, log: svr.Logger}
	launch.SlowCall = flight.slowCall
	conn, stop, err := launch.Connect()
	if err != nil {
		return err
	}
	defer conn.End(stop)
	pause := at.until(svr.Logger, stop.Asked.Done(), conn.Closed())
	n := &Node{svr: svr, client: ctx, config: config, banner: banner, pause: pause, temp: temp, flight: flight, tracers: tracers}
	return n.run(conn, stop)
}

// run runs the node until it is asked to stop, or fails; then it ends the VM
// as well. The error says with which exit code the process should end.
func (n *Node) run(conn *vmproc.Conn, stop *vmproc.Stopper) error {
	watch := newBlockWatch(n.svr.Logger, conn)
	n.controller = vm.NewController(conn)
	n.flight.blockOpen = n.controller.BlockOpen
	n.controller.Trace(n.tracers)
	opened := make(chan error, 1)
	trace := func() bool { return n.svr.Viper.GetBool(server.FlagTrace) }
	go func() { opened <- panics.Recovered(trace, func() error { return n.open(conn, watch) }) }()
	ended, open := n.awaitEnd(opened, conn, watch, stop)
	if stop.IsAsked() {
		n.drain(conn, watch, stop)
	} else {
		n.park()
	}
	n.flight.ended(ended)
	n.stopSnapshot(stop, open)
	n.close(conn, stop, open)
	return ended
}

// stopRace is the maximum delay of a stop request after its effect. A signal to
// every process of a service also reaches the VM's workers, and agd may learn
// of the failed action first.
const stopRace = 500 * time.Millisecond

// awaitEnd returns when the node must end, with the reason: a stop was requested,
// the node could not start, the VM died, or a block failed. opened reports that
// the stores are open and CometBFT may be closed, because it is not parked in its
// start.
func (n *Node) awaitEnd(starting <-chan error, conn *vmproc.Conn, watch *blockWatch, stop *vmproc.Stopper) (why error, opened bool) {
	failed := make(chan error, 1)
	select {
	case err := <-starting:
		opened = true
		if err == nil {
			n.servers = newServers(stop.Asked)
			err = n.servers.start(n.svr, n.client, n.config, n.app, n.comet)
		}
		if err != nil {
			failed <- err
			break
		}
		go func() { failed <- n.servers.wait() }()
		go n.announce(conn, watch, stop)
	case <-stop.Asked.Done():
	case <-watch.failed:
	case <-conn.Closed():
		// CometBFT's start may take long: it waits for the genesis time, or for a
		// signer.
	}
	select {
	case <-stop.Asked.Done():
	case <-watch.failed:
	case <-conn.Closed():
	case err := <-failed:
		if watch.failure() == nil && conn.Err() == nil && !stop.IsAsked() {
			return err, opened
		}
	}
	select {
	case <-stop.Asked.Done():
		return stop.ExitError(), opened
	case <-time.After(stopRace):
	}
	if conn.Err() != nil {
		return &supervisor.ExitError{Code: supervisor.ExitUnasked, Err: conn.Died(fmt.Errorf("the VM ended: %w", conn.Err()))}, opened
	}
	return blockExit(watch.failure()), opened
}

// blockExit returns the error that ends the process after a block that was not
// made.
func blockExit(failure error) error {
	var halt *app.HaltError
	if errors.As(failure, &halt) {
		return &supervisor.ExitError{Code: supervisor.ExitHalted, Err: halt}
	}
	return &supervisor.ExitError{Code: supervisor.ExitUnasked, Err: failure}
}

// open opens stores and application and starts CometBFT, which replays what its
// last run left open: it may run block actions, including the kernel's first
// boot. After an error, the caller must close what was opened.
func (n *Node) open(conn *vmproc.Conn, watch *blockWatch) error {
	logger, v := n.svr.Logger, n.svr.Viper
	db, err := home.OpenChainStore(n.svr.Config.RootDir, v)
	if err != nil {
		return err
	}
	n.app, err = app.New(logger, db, app.ChainHooks{Controller: n.controller, Watcher: watch, Pause: n.pause, Temp: string(n.temp)}, v,
		app.BaseOptions(v)...)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err := checkStores(context.Background(), n.svr, n.app, conn); err != nil {
		return err
	}
	conn.Started(n.app.LastBlockHeight(), n.app.LastCommitID().Hash)
	if err := n.controller.Serve(conn, n.app.Downcalls()...); err != nil {
		return err
	}
	n.comet, err = startComet(n.svr, n.app, watch)
	return err
}

// drain waits for the running block action and lets no other begin. It does not
// wait if the stop was requested while the VM was dying.
func (n *Node) drain(conn *vmproc.Conn, watch *blockWatch, stop *vmproc.Stopper) {
	n.svr.Logger.Info("stopping: the running block action ends, no further block is committed")
	conn.Life.Enter(supervisor.StateDraining)
	ctx, cancel := context.WithCancel(stop.Hurry)
	defer cancel()
	go func() {
		defer cancel()
		select {
		case <-watch.failed:
		case <-conn.Closed():
		case <-ctx.Done():
		}
	}()
	_ = n.controller.Drain(ctx)
}

// park prevents further block actions.
func (n *Node) park() {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_ = n.controller.Drain(done)
}

// stopSnapshot ends a snapshot that is being made.
func (n *Node) stopSnapshot(stop *vmproc.Stopper, opened bool) {
	if !opened || n.app == nil {
		return
	}
	ctx, cancel := context.WithTimeout(stop.Hurry, closeLimit)
	defer cancel()
	n.app.StopSnapshot(ctx)
}

// close ends the VM and at the same time closes what is open, within
// closeLimit.
func (n *Node) close(conn *vmproc.Conn, stop *vmproc.Stopper, opened bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn.End(stop)
	}()
	defer func() { <-ended }()
	if !opened {
		return
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		// A panic here would hide the reason of the end.
		if err := panics.Recovered(panics.NoTrace, n.closeStores); err != nil {
			n.svr.Logger.Error("the stores were not closed", "reason", err.Error())
		}
	}()
	select {
	case <-closed:
	case <-time.After(closeLimit):
	case <-stop.Hurry.Done():
	}
}

func (n *Node) closeStores() error {
	if n.servers != nil {
		n.servers.stop()
	}
	if n.comet != nil && n.comet.IsRunning() {
		_ = n.comet.Stop()
	}
	if n.app != nil {
		return n.app.Close()
	}
	return nil
}
