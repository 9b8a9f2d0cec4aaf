package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

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
		explainUnanswered(tx)
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
	cmd.Flags().Lookup(flags.FlagNode).Usage = "Address of a node's CometBFT RPC, such as tcp://127.0.0.1:26657"
	flagNames := deferNames(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		args, err := resolveNames(cmd, args, flagNames)
		if err != nil {
			return err
		}
		if err := resolveSender(cmd, args); err != nil {
			return err
		}
		option := flags.FlagNode
		if grpc := cmd.Flags().Lookup(flags.FlagGRPC); grpc != nil && grpc.Value.String() != "" {
			option = flags.FlagGRPC
		}
		err = explainNoAccount(explainNoCoins(explainNoKey(cmd, run(cmd, args))))
		return explainNoNode(explainNoBlock(err), option)
	}
}

// explainUnanswered makes commands that ask for confirmation name --yes if
// standard input ends before the answer. The SDK reports io.EOF alone.
func explainUnanswered(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		explainUnanswered(sub)
	}
	run, yes := cmd.RunE, cmd.Flags().Lookup(flags.FlagSkipConfirmation)
	if run == nil || yes == nil {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if errors.Is(err, io.EOF) && yes.Value.String() != "true" {
			return fmt.Errorf("not sent: agd asks for confirmation, and standard input has ended: add --%s", yes.Name)
		}
		return err
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
