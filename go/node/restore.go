package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// RestoreSnapshot replaces the stores of a home by those of one of its
// snapshots. temp is the VM's directory for temporary files.
func RestoreSnapshot(svr *server.Context, launch vmproc.Launcher, temp home.VMTemp, height uint64, format uint32) error {
	dir := svr.Config.RootDir
	lock, err := home.Lock(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	defer temp.Remove() // after the VM's end
	if err := temp.Empty(); err != nil {
		return err
	}
	at, err := home.Height(dir, svr.Viper)
	if err != nil {
		return err
	}
	if at > 0 {
		return fmt.Errorf("%s has a chain's store already, at height %d: restore into a home without one", dir, at)
	}
	conn, stop, err := launch.Connect()
	if err != nil {
		return err
	}
	defer conn.End(stop)
	restored := make(chan error, 1)
	go func() { restored <- restoreStores(svr, conn, height, format) }()
	select {
	case err = <-restored:
	case <-stop.Asked.Done():
		exit := stop.ExitError()
		exit.Err = fmt.Errorf("%w; before another try: `agd comet unsafe-reset-all`", exit.Err)
		return exit
	}
	var closed *bridge.ClosedError
	switch {
	case errors.As(err, &closed):
		return conn.Died(fmt.Errorf("snapshot %d: the VM ended: %w", height, err))
	case err != nil:
		return fmt.Errorf("snapshot %d: %w", height, err)
	}
	svr.Logger.Info("restored", "height", height)
	return nil
}

func restoreStores(svr *server.Context, conn *vmproc.Conn, height uint64, format uint32) error {
	db, err := home.OpenChainStore(svr.Config.RootDir, svr.Viper)
	if err != nil {
		return err
	}
	chain, err := app.New(svr.Logger, db, app.ChainHooks{Controller: vm.NewController(conn)}, svr.Viper, app.BaseOptions(svr.Viper)...)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err := checkStores(context.Background(), svr, chain, conn); err != nil {
		return errors.Join(err, chain.Close())
	}
	return errors.Join(chain.SnapshotManager().RestoreLocalSnapshot(height, format), chain.Close())
}
