package cli

import (
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// exportCommand exports the chain's store as the SDK does. With --export-dir it
// also exports the kernel's store, for which it runs the kernel.
func exportCommand(host Host) *cobra.Command {
	cmd := locked(server.ExportCmd(exportApp, app.DefaultNodeHome))
	chainAlone := logToStderr(cmd.RunE)
	options.AddExportFlags(cmd)
	cmd.Short = "Export the state as a genesis, with --export-dir together with the kernel's store"
	cmd.Long = `Export the state of a stopped node.

With --export-dir DIR, agd writes the chain's state to DIR/genesis.json and the
kernel's store to DIR/swing-store (manifest, export data and artifacts). The
genesis contains the hash of the export data. This starts the VM, in the mode
that --split selects, and exports the latest block, because the kernel keeps no
other. DIR appears when it is complete. A failed export does not block the next
one. --swing-store-export-mode selects how much of the kernel's history to
include; "skip" omits the kernel.

Without --export-dir, agd writes only the chain's state, as one genesis, to
standard output or --output-document, at any height that the chain's store still
has. This starts no VM and is the same in both modes. The genesis contains the
export data but not the artifacts, so a kernel cannot be restored from it.

Exit codes: 0 done, 1 failed, 98 stopped by a signal, 99 the VM broke the
protocol.`
	cmd.Example = "agd export --export-dir ./export\nagd export --export-dir ./export --split --swing-store-export-mode replay\nagd export --height 1000 --output-document genesis.json"
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		svr := server.GetServerContextFromCmd(cmd)
		given, err := options.ExportOf(svr.Viper, host.Args)
		if err == nil {
			err = checkKernelHome(svr)
		}
		if err != nil {
			return err
		}
		switch {
		case given.Dir == "":
			return chainAlone(cmd, args)
		case given.Mode == options.SwingStoreSkip:
			return node.ExportChain(given.Dir, func(document string) error {
				if err := cmd.Flags().Set(flags.FlagOutputDocument, document); err != nil {
					return err
				}
				return chainAlone(cmd, args)
			})
		}
		// The kernel makes its export below TMPDIR. Beside the target directory, the
		// export can be renamed to it and is removed with the other temporary files.
		host.Env = environ.With(host.Env, "TMPDIR", node.ExportTemp(given.Dir))
		launch, err := host.enter(svr)
		if err != nil {
			return err
		}
		return node.Export(svr, given, launch)
	}
	return cmd
}

func exportApp(
	logger log.Logger, db dbm.DB, height int64, forZeroHeight bool,
	_ []string, opts servertypes.AppOptions, modules []string,
) (servertypes.ExportedApp, error) {
	opened, err := app.NewAt(logger, db, height, opts)
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	return opened.Export(forZeroHeight, modules)
}
