package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
)

const (
	flagExportDir       = "export-dir"
	flagSwingStoreMode  = "swing-store-export-mode"
	swingStoreModeSkip  = "skip"
	exportedGenesis     = "genesis.json"
	exportedKernelStore = "swing-store"
)

// exportCommand exports the chain's store as the SDK does; and with
// --export-dir the kernel's too, which takes the kernel.
func exportCommand(host Host) *cobra.Command {
	cmd := locked(server.ExportCmd(exportApp, app.DefaultNodeHome))
	chainAlone := logToStderr(cmd.RunE)
	options.AddKernelFlags(cmd)
	cmd.Flags().String(flagExportDir, "", "Export the chain's state and the kernel's into this directory, which must not exist or be empty")
	cmd.Flags().String(flagSwingStoreMode, string(swingstore.ModeOperational), "How much of the kernel's history goes into --export-dir (skip|operational|replay|archival|debug)")
	cmd.Short = "Export the state as a genesis, and with --export-dir the kernel's state beside it"
	cmd.Long = `Export the state of a stopped node.

With --export-dir DIR: DIR/genesis.json is the chain's state, DIR/swing-store
the kernel's: its manifest, its export data and the artifacts. The genesis holds
the hash of the export data. This needs the kernel, in the mode that --split
says, and exports the latest block alone, for the kernel keeps no other. DIR
appears when it is complete; an export that failed leaves nothing in the way of
the next one. --swing-store-export-mode says how much of the kernel's history is
taken along; "skip" leaves the kernel out.

Without --export-dir: the chain's state alone, as one genesis on standard output
or in --output-document, from any height that the chain's store still has. It
needs no kernel and is the same in both modes. It holds the export data, but not
the artifacts: it tells about the chain, but no kernel can be restored from it.

Exit codes: 0 done, 1 failed, 98 stopped by a signal, 99 the VM broke the
protocol.`
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		svr := server.GetServerContextFromCmd(cmd)
		given, err := host.readExportOptions(svr.Viper)
		if err != nil {
			return err
		}
		switch {
		case given.dir == "":
			return chainAlone(cmd, args)
		case given.mode == swingStoreModeSkip:
			return exportChainTo(given.dir, func(document string) error {
				if err := cmd.Flags().Set(flags.FlagOutputDocument, document); err != nil {
					return err
				}
				return chainAlone(cmd, args)
			})
		}
		return host.export(svr, given)
	}
	return cmd
}

// logToStderr keeps standard output for what the command writes.
func logToStderr(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		svr := server.GetServerContextFromCmd(cmd)
		logger, err := server.CreateSDKLogger(svr, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		svr.Logger = logger
		return run(cmd, args)
	}
}

// exportOptions are what one export into a directory was asked for.
type exportOptions struct {
	dir    string // absolute; empty: no directory
	mode   swingstore.Mode
	height int64
}

var exportModes = []swingstore.Mode{
	swingStoreModeSkip, swingstore.ModeOperational, swingstore.ModeReplay, swingstore.ModeArchival, swingstore.ModeDebug,
}

func (host Host) readExportOptions(v *viper.Viper) (exportOptions, error) {
	given := exportOptions{mode: swingstore.Mode(v.GetString(flagSwingStoreMode)), height: v.GetInt64(server.FlagHeight)}
	if !slices.Contains(exportModes, given.mode) {
		return given, fmt.Errorf("--%s: there is no %q; there are %s", flagSwingStoreMode, given.mode, strings.Trim(fmt.Sprint(exportModes), "[]"))
	}
	dir := v.GetString(flagExportDir)
	if dir == "" {
		// Environment and app.toml may well choose a mode for other commands.
		for _, arg := range host.Args {
			name, _, _ := strings.Cut(arg, "=")
			if slices.Contains([]string{"--" + flagSwingStoreMode, "--" + options.FlagSplit, "--" + options.FlagSplitVM}, name) {
				return given, fmt.Errorf("%s is for exports with --%s: without it the kernel has no part in them", name, flagExportDir)
			}
		}
		return given, nil
	}
	if v.GetString(flags.FlagOutputDocument) != "" {
		return given, fmt.Errorf("--%s and --%s exclude each other: the genesis is %s in the directory", flagExportDir, flags.FlagOutputDocument, exportedGenesis)
	}
	if given.mode != swingStoreModeSkip {
		if v.GetBool(server.FlagForZeroHeight) {
			return given, fmt.Errorf("--%s is not supported: the kernel's state cannot start over at height 0", server.FlagForZeroHeight)
		}
		if len(v.GetStringSlice(server.FlagModulesToExport)) > 0 {
			return given, fmt.Errorf("--%s leaves out what belongs to the kernel's state: add --%s=%s", server.FlagModulesToExport, flagSwingStoreMode, swingStoreModeSkip)
		}
	}
	var err error
	given.dir, err = filepath.Abs(dir)
	return given, err
}

// exportChainTo makes dir with the genesis that write writes.
func exportChainTo(dir string, write func(document string) error) error {
	work, err := newExportWork(dir)
	if err != nil {
		return err
	}
	defer work.remove()
	if err := write(filepath.Join(work.path, exportedGenesis)); err != nil {
		return err
	}
	return work.finish()
}

// export exports chain and kernel into a directory.
func (host Host) export(svr *server.Context, given exportOptions) error {
	// The kernel makes its export below TMPDIR: beside the directory, it can
	// be moved there, and is removed with all else.
	host.Env = environ.With(host.Env, "TMPDIR", exportTemp(given.dir))
	limits, err := host.enterMode(svr)
	if err != nil {
		return err
	}
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
	if err := checkExportable(svr.Config.RootDir, chain.LastBlockHeight(), given.height); err != nil {
		return err
	}
	work, err := newExportWork(given.dir)
	if err != nil {
		return err
	}
	defer work.remove() // after the kernel's end, which writes there
	kernel, stop, err := host.connect(svr, limits)
	if err != nil {
		return err
	}
	defer kernel.end(stop)
	if err := checkStores(stop.asked, svr, chain, kernel); err != nil {
		return describeExportFailure(err, kernel, stop)
	}
	count, err := exportInto(work, svr, chain, kernel, stop, given.mode)
	if err == nil {
		err = work.finish()
	}
	if err != nil {
		return describeExportFailure(err, kernel, stop)
	}
	svr.Logger.Info("exported", "height", chain.LastBlockHeight(), "directory", given.dir, "artifacts", count)
	return nil
}

// checkExportable tells why a home cannot be exported with its kernel.
func checkExportable(home string, latest, wanted int64) error {
	if latest == 0 {
		return fmt.Errorf("%s has no block yet: there is nothing to export", home)
	}
	if wanted != -1 && wanted != latest {
		return fmt.Errorf("--%s %d: the kernel's store has the latest block alone, %d; leave --%s out, or export the chain's state alone with --%s=%s",
			server.FlagHeight, wanted, latest, server.FlagHeight, flagSwingStoreMode, swingStoreModeSkip)
	}
	store := filepath.Join(home, "data", "agoric", "swingstore.sqlite")
	if _, err := os.Stat(store); err != nil {
		return fmt.Errorf("no kernel's store at %s, though the chain is at block %d: restore the whole home directory from a backup", store, latest)
	}
	return nil
}

// exportInto writes the genesis and the kernel's store into the work's path, and
// says how many artifacts that has.
func exportInto(work *exportWork, svr *server.Context, chain *app.App, kernel *kernel, stop *stopper, mode swingstore.Mode) (int, error) {
	height := chain.LastBlockHeight()
	discard, cancel := afterStop(stop)
	defer cancel()
	store := filepath.Join(work.path, exportedKernelStore)
	manifest, err := swingstore.Export(stop.asked, discard, vm.NewController(kernel), swingstore.Wanted{
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
	if stop.isAsked() {
		return 0, stop.asked.Err()
	}
	return len(manifest.Artifacts), genesis.SaveAs(filepath.Join(work.path, exportedGenesis))
}

// describeExportFailure tells apart what ended an export: a signal, the VM's
// death, or a failure of its own.
func describeExportFailure(err error, kernel *kernel, stop *stopper) error {
	var closed *bridge.ClosedError
	var protocol *bridge.ProtocolError
	switch {
	case stop.isAsked():
		return stop.exitError()
	case errors.As(err, &protocol):
		return &exitError{supervisor.ExitUnasked, fmt.Errorf("export failed: the VM broke the protocol: %w", err)}
	case errors.As(err, &closed):
		return kernel.died(fmt.Errorf("export failed: the VM ended: %w", err))
	}
	return fmt.Errorf("export failed: %w", err)
}

// afterStop is done supervisor.StopGrace after a stop was asked for, or at
// once when it is to hurry.
func afterStop(stop *stopper) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(stop.hurry)
	context.AfterFunc(stop.asked, func() { time.AfterFunc(supervisor.StopGrace, cancel) })
	return ctx, cancel
}
