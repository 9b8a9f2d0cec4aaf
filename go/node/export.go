package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
)

// exportedKernelStore is the kernel's part of an export's directory.
const exportedKernelStore = "swing-store"

// ExportChain creates dir with the genesis that write writes.
func ExportChain(dir string, write func(document string) error) error {
	work, err := newExportDir(dir)
	if err != nil {
		return err
	}
	defer work.remove()
	if err := write(filepath.Join(work.path, options.ExportedGenesis)); err != nil {
		return err
	}
	return work.finish()
}

// Export exports chain and kernel into a directory. The VM's TMPDIR is
// ExportTemp of that directory.
func Export(svr *server.Context, given options.Export, launch vmproc.Launcher) error {
	lock, err := home.Lock(svr.Config.RootDir)
	if err != nil {
		return err
	}
	defer lock.Close()
	db, err := home.OpenChainStore(svr.Config.RootDir, svr.Viper)
	if err != nil {
		return err
	}
	chain, err := app.NewAt(svr.Logger, db, -1, svr.Viper)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	defer chain.Close()
	if err := checkExportable(home.Layout(svr.Config.RootDir), chain.LastBlockHeight(), given.Height); err != nil {
		return err
	}
	work, err := newExportDir(given.Dir)
	if err != nil {
		return err
	}
	defer work.remove() // after the kernel's end, which writes there
	conn, stop, err := launch.Connect()
	if err != nil {
		return err
	}
	defer conn.End(stop)
	if err := checkStores(stop.Asked, svr, chain, conn); err != nil {
		return describeExportFailure(err, conn, stop)
	}
	count, err := exportInto(work, svr, chain, conn, stop, given.Mode)
	if err == nil {
		err = work.finish()
	}
	if err != nil {
		return describeExportFailure(err, conn, stop)
	}
	svr.Logger.Info("exported", "height", chain.LastBlockHeight(), "directory", given.Dir, "artifacts", count)
	return nil
}

// checkExportable returns an error if a home cannot be exported with its kernel.
func checkExportable(layout home.Layout, latest, wanted int64) error {
	if latest == 0 {
		return fmt.Errorf("%s has no block yet: there is nothing to export", layout)
	}
	if wanted != -1 && wanted != latest {
		return fmt.Errorf("--%s %d: the kernel's store has only the latest block, %d: omit --%s, or export only the chain's state with --%s=%s",
			server.FlagHeight, wanted, latest, server.FlagHeight, options.FlagSwingStoreMode, options.SwingStoreSkip)
	}
	store := layout.KernelStore()
	if _, err := os.Stat(store); err != nil {
		return fmt.Errorf("no kernel's store at %s, though the chain is at block %d: restore the whole home directory from a backup", store, latest)
	}
	return nil
}

// exportInto writes the genesis and the kernel's store into the work's path,
// and returns the number of artifacts.
func exportInto(work *exportDir, svr *server.Context, chain *app.App, conn *vmproc.Conn, stop *vmproc.Stopper, mode swingstore.Mode) (int, error) {
	height := chain.LastBlockHeight()
	discard, cancel := afterStop(stop)
	defer cancel()
	store := filepath.Join(work.path, exportedKernelStore)
	manifest, err := swingstore.Export(stop.Asked, discard, vm.NewController(conn), swingstore.Wanted{
		Height: height, Mode: mode, Temp: work.temp, Into: store,
	})
	if err != nil {
		return 0, err
	}
	exported, data, err := chain.ExportWithKernel()
	if err != nil {
		return 0, err
	}
	if err := swingstore.WriteExportData(store, data); err != nil {
		return 0, err
	}
	genesis, err := genutiltypes.AppGenesisFromFile(svr.Config.GenesisFile())
	if err != nil {
		return 0, err
	}
	if genesis.GenesisTime, err = chain.LastBlockTime(); err != nil {
		return 0, err
	}
	genesis.AppName, genesis.AppVersion = version.AppName, version.Version
	genesis.AppState, genesis.InitialHeight = exported.AppState, exported.Height
	genesis.Consensus = genutiltypes.NewConsensusGenesis(exported.ConsensusParams, exported.Validators)
	if stop.IsAsked() {
		return 0, stop.Asked.Err()
	}
	return len(manifest.Artifacts), genesis.SaveAs(filepath.Join(work.path, options.ExportedGenesis))
}

// describeExportFailure distinguishes the causes of a failed export: a signal,
// the VM's death, or a failure of the export itself.
func describeExportFailure(err error, conn *vmproc.Conn, stop *vmproc.Stopper) error {
	var closed *bridge.ClosedError
	var protocol *bridge.ProtocolError
	switch {
	case stop.IsAsked():
		return stop.ExitError()
	case errors.As(err, &protocol):
		return &supervisor.ExitError{Code: supervisor.ExitUnasked, Err: fmt.Errorf("export failed: the VM broke the protocol: %w", err)}
	case errors.As(err, &closed):
		return conn.Died(fmt.Errorf("export failed: the VM ended: %w", err))
	}
	return fmt.Errorf("export failed: %w", err)
}

// afterStop returns a context that is done supervisor.StopGrace after the first
// request to stop, or at once after the second.
func afterStop(stop *vmproc.Stopper) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(stop.Hurry)
	context.AfterFunc(stop.Asked, func() { time.AfterFunc(supervisor.StopGrace, cancel) })
	return ctx, cancel
}
