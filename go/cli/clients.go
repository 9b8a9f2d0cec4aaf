package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

// helpClients improves the commands that connect to a node, which are those
// with --node. They accept names of keys as addresses, wait for their
// transaction with --wait, and report when nothing listens at the node's
// address.
func helpClients(root *cobra.Command, host Host) {
	if tx, _, err := root.Find([]string{"tx"}); err == nil {
		waitForTransactions(tx)
		explainRefusals(tx)
		showOutputDefault(tx)
	}
	if follow, _, err := root.Find([]string{"query", "vstorage", "follow"}); err == nil {
		endWithSignal(follow, host)
	}
	explainClients(root)
}

// explainClients handles the commands below cmd. It must run last, because it
// wraps the functions that read addresses and return errors.
func explainClients(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		explainClients(sub)
	}
	run := cmd.RunE
	if run == nil || cmd.Flags().Lookup(flags.FlagNode) == nil {
		return
	}
	flagNames := deferNames(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		args, err := resolveNames(cmd, args, flagNames)
		if err != nil {
			return err
		}
		option := flags.FlagNode
		if grpc := cmd.Flags().Lookup(flags.FlagGRPC); grpc != nil && grpc.Value.String() != "" {
			option = flags.FlagGRPC
		}
		return explainNoNode(run(cmd, args), option)
	}
}

// endWithSignal cancels a command's context at the first stop signal.
func endWithSignal(cmd *cobra.Command, host Host) {
	run := cmd.RunE
	if run == nil || host.Signals == nil {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, cancel := context.WithCancel(cmd.Context())
		defer cancel()
		signals := host.Signals()
		go func() {
			select {
			case <-signals:
				cancel()
			case <-ctx.Done():
			}
		}()
		cmd.SetContext(ctx)
		return run(cmd, args)
	}
}
