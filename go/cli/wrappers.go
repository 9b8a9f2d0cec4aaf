package cli

import (
	"fmt"
	"strings"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

// noArguments refuses every argument of a command, except help: cobra prints the
// help for that error.
func noArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case args[0] == helpName:
		if about, _, err := cmd.Find(args[1:]); len(args) > 1 && cmd.HasSubCommands() && (err != nil || about == cmd) {
			return requireCommand(cmd, args[1:])
		}
		return pflag.ErrHelp
	}
	hint := didYouMean(cmd, args[0])
	if flag := booleanBefore(cmd, args[0]); flag != "" {
		// Not the argument itself: it may be neither true nor false.
		hint = fmt.Sprintf(": did you mean %[1]s=true or %[1]s=false?", flag)
	}
	return fmt.Errorf("%s takes no arguments, got %q%s (see %q)", cmd.CommandPath(), args[0], hint, cmd.CommandPath()+" --help")
}

// argumentsKey is the key of the command line, a []string, in a command's
// context.
type argumentsKey struct{}

// booleanBefore returns the flag of type bool that directly precedes an argument
// on the command line, as the user gave it; "" if there is none. Such a flag
// takes its value only after an equals sign.
func booleanBefore(cmd *cobra.Command, argument string) string {
	line, _ := cmd.Context().Value(argumentsKey{}).([]string)
	for i, word := range line {
		name, isFlag := strings.CutPrefix(word, "--")
		if flag := cmd.Flags().Lookup(name); isFlag && flag != nil && flag.Value.Type() == "bool" && i+1 < len(line) && line[i+1] == argument {
			return word
		}
	}
	return ""
}
