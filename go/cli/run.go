package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
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
	if err == nil {
		root.SetArgs(host.Args)
		root.SetOut(host.Stdout)
		root.SetErr(host.Stderr)
		err = execute(root)
	}
	if err == nil {
		return supervisor.ExitOK
	}
	var exit *supervisor.ExitError
	if !errors.As(err, &exit) {
		exit = &supervisor.ExitError{Code: failureCode(err), Err: err}
	}
	if exit.Code != supervisor.ExitSignal {
		printLastWords(host.Stderr, err)
	}
	return exit.Code
}

// execute runs the command.
func execute(root *cobra.Command) error {
	made := &emptyDirs{}
	defer made.remove()
	ctx := context.WithValue(context.Background(), emptyDirsKey{}, made)
	ctx = context.WithValue(ctx, client.ClientContextKey, &client.Context{})
	ctx = context.WithValue(ctx, server.ServerContextKey, server.NewDefaultContext())
	trace := func() bool { return wantsTrace(root) }
	return panics.Recovered(trace, func() error { return root.ExecuteContext(ctx) })
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
	if errors.As(err, &noData) || errors.As(err, &noBlock) {
		return exitAbsent
	}
	return supervisor.ExitFailure
}
