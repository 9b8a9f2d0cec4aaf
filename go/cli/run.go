package cli

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/internal/panics"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	vstoragecli "github.com/agd-bridge/agd-bridge/go/x/vstorage/client/cli"
)

// Run runs one command and returns the exit code. An error is one line on
// Stderr.
func Run(host Host) int {
	app.SetupSDK()
	return runOne(host)
}

// runOne is Run in a process whose SDK is set up.
func runOne(host Host) int {
	root, err := newRootCommand(host)
	ran := root
	if err == nil {
		root.SetOut(host.Stdout)
		root.SetErr(host.Stderr)
		ran, err = execute(root, host.Args)
	}
	if err == nil {
		return supervisor.ExitOK
	}
	var exit *supervisor.ExitError
	if !errors.As(err, &exit) {
		exit = &supervisor.ExitError{Code: failureCode(err), Err: err}
	}
	if exit.Code != supervisor.ExitSignal {
		printLastWords(host.Stderr, err, otherHome(ran))
	}
	return exit.Code
}

// execute runs the command of a command line, and returns it.
func execute(root *cobra.Command, args []string) (ran *cobra.Command, err error) {
	made := &emptyDirs{}
	defer made.remove()
	root.SetArgs(args)
	ctx := context.WithValue(context.Background(), emptyDirsKey{}, made)
	ctx = context.WithValue(ctx, argumentsKey{}, args)
	ctx = context.WithValue(ctx, client.ClientContextKey, &client.Context{})
	ctx = context.WithValue(ctx, server.ServerContextKey, server.NewDefaultContext())
	trace := func() bool { return wantsTrace(root) }
	err = panics.Recovered(trace, func() (err error) {
		ran, err = root.ExecuteContextC(ctx)
		return err
	})
	return ran, err
}

// otherHome returns the absolute path of a command's home for hints at other
// commands; "" if it is the default, which they need not name.
func otherHome(cmd *cobra.Command) string {
	if cmd == nil {
		return ""
	}
	dir := cmd.Flags().Lookup(flags.FlagHome)
	if dir == nil || dir.Value.String() == "" {
		return ""
	}
	home, err := filepath.Abs(dir.Value.String())
	if err != nil || home == app.DefaultNodeHome || home == dir.DefValue {
		return ""
	}
	return home
}

func wantsTrace(root *cobra.Command) bool {
	trace, err := root.PersistentFlags().GetBool(server.FlagTrace)
	return err == nil && trace
}

// exitAbsent is the exit code of a client's command whose answer is not there:
// no data at a path of vstorage, a transaction in no block in time.
const exitAbsent = 2

// failureCode is the exit code of a command that failed with an error that has
// none of its own.
func failureCode(err error) int {
	var noData *vstoragecli.NoDataError
	var noBlock *noBlockError
	var noTx *noTxError
	if errors.As(err, &noData) || errors.As(err, &noBlock) || errors.As(err, &noTx) {
		return exitAbsent
	}
	return supervisor.ExitFailure
}
