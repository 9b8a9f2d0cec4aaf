package cli

import (
	"fmt"
	"io"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	"github.com/cosmos/cosmos-sdk/version"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
)

func addCommands(root *cobra.Command, host Host, scratch *app.App) {
	root.AddCommand(
		genutilcli.InitCmd(scratch.Basics, app.DefaultNodeHome),
		genutilcli.Commands(scratch.Encoding().TxConfig, scratch.Basics, app.DefaultNodeHome),
		keys.Commands(),
		configCommand(),
		debug.Cmd(),
		server.StatusCommand(),
		queryCommand(),
		txCommand(scratch),
		version.NewVersionCommand(),
		startCommand(host),
		bridgeCommand(host),
		abCommand(host),
		localnetCommand(host),
		vmJailCommand(host),
		kernelless(cometCommand()),
		exportCommand(host),
		kernelless(locked(pruning.Cmd(openApp, app.DefaultNodeHome))),
		snapshotsCommand(host),
		rollbackCommand(),
	)
}

// locked makes a command and its subcommands run only while they have the data
// directory for themselves.
func locked(cmd *cobra.Command) *cobra.Command {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			dir, err := cmd.Flags().GetString(flags.FlagHome)
			if err != nil {
				return err
			}
			lock, err := home.Lock(dir)
			if err != nil {
				return err
			}
			defer lock.Close()
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		locked(sub)
	}
	return cmd
}

// kernelless says in the help of a command and its subcommands that they need
// no kernel.
func kernelless(cmd *cobra.Command) *cobra.Command {
	if cmd.Long == "" {
		cmd.Long = cmd.Short
	}
	cmd.Long += "\n\nOpens only the chain's store and runs no kernel: the same in both modes, without --split."
	for _, sub := range cmd.Commands() {
		kernelless(sub)
	}
	return cmd
}

func cometCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "comet",
		Aliases: []string{"cometbft", "tendermint"},
		Short:   "CometBFT subcommands",
		RunE:    requireCommand,
	}
	cmd.AddCommand(
		showNodeIDCommand(), server.ShowValidatorCmd(), server.ShowAddressCmd(),
		server.VersionCmd(), locked(resetAllCommand()), resetStateCommand(), bootstrapStateCommand(),
	)
	return cmd
}

// showNodeIDCommand names a key that it cannot read.
func showNodeIDCommand() *cobra.Command {
	cmd := server.ShowNodeIDCmd()
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := home.CheckNodeKey(server.GetServerContextFromCmd(cmd).Config.NodeKeyFile()); err != nil {
			return err
		}
		return run(cmd, args)
	}
	return cmd
}

func queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "query", Aliases: []string{"q"},
		Short: "Querying subcommands",
		RunE:  requireCommand,
	}
	cmd.AddCommand(
		rpc.WaitTxCmd(), remarksToStderr(server.QueryBlockCmd()), server.QueryBlocksCmd(),
		remarksToStderr(server.QueryBlockResultsCmd()), authcmd.QueryTxsByEventsCmd(), authcmd.QueryTxCmd(),
	)
	return cmd
}

// remarksToStderr leaves standard output to the answer of a command of the
// SDK, which would have a remark ("Falling back to latest block height:") before it.
func remarksToStderr(cmd *cobra.Command) *cobra.Command {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		// The answer goes where the client's context says.
		cmd.SetOut(cmd.ErrOrStderr())
		return run(cmd, args)
	}
	return cmd
}

func txCommand(scratch *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tx",
		Short: "Transactions subcommands",
		RunE:  requireCommand,
	}
	cmd.AddCommand(
		authcmd.GetSignCommand(), authcmd.GetSignBatchCommand(), authcmd.GetMultiSignCommand(),
		authcmd.GetMultiSignBatchCmd(), authcmd.GetValidateSignaturesCommand(),
		authcmd.GetBroadcastCommand(), authcmd.GetEncodeCommand(), authcmd.GetDecodeCommand(),
		authcmd.GetSimulateCmd(),
	)
	scratch.Basics.AddTxCommands(cmd)
	return cmd
}

// openApp opens the app for commands that run no blocks. The SDK's commands
// take its failures as panics.
func openApp(logger log.Logger, db dbm.DB, opts servertypes.AppOptions) servertypes.Application {
	opened, err := app.New(logger, db, app.Kernel{}, opts, app.BaseOptions(opts)...)
	if err != nil {
		panic(err)
	}
	return opened
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

// printLine writes one line of a command's own output.
func printLine(out io.Writer, text string) error {
	_, err := fmt.Fprintln(out, text)
	return err
}

// noArguments refuses every argument of a command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, got %q (see %q)", cmd.CommandPath(), args[0], cmd.CommandPath()+" --help")
	}
	return nil
}
