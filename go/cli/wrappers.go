package cli

import (
	"fmt"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
)

// Common parts of several commands.

// locked makes a command and its subcommands hold the lock of the data
// directory while they run.
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

// kernelless adds to the help of a command and its subcommands that they need
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

// openApp opens the app for commands that run no blocks. It panics on failure,
// as the SDK's commands expect.
func openApp(logger log.Logger, db dbm.DB, opts servertypes.AppOptions) servertypes.Application {
	opened, err := app.New(logger, db, app.ChainHooks{}, opts, app.BaseOptions(opts)...)
	if err != nil {
		panic(err)
	}
	return opened
}

// refused makes a command return the reason why it is not supported, for any
// flags and arguments. No help lists it.
func refused(cmd *cobra.Command, why string) *cobra.Command {
	cmd.Short, cmd.Hidden = "Not supported: "+why, true
	cmd.Long, cmd.Args = "", cobra.ArbitraryArgs
	cmd.FParseErrWhitelist.UnknownFlags = true
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return fmt.Errorf("%s is not supported: %s", cmd.CommandPath(), why)
	}
	return cmd
}

// noArguments refuses every argument of a command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, got %q%s (see %q)", cmd.CommandPath(), args[0], didYouMean(cmd, args[0]), cmd.CommandPath()+" --help")
	}
	return nil
}
