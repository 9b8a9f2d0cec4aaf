package cli

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/server"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
)

func queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "query", Aliases: []string{"q"},
		Short: "Querying subcommands",
		RunE:  requireCommand,
	}
	cmd.AddCommand(
		checkHash(absentInTime(rpc.WaitTxCmd()), "transaction", ""),
		checkHash(remarksToStderr(server.QueryBlockCmd()), "block", "; for a height add --type=height"),
		server.QueryBlocksCmd(),
		withCommittedHeight(remarksToStderr(server.QueryBlockResultsCmd())), queryTxsCommand(),
		checkHash(queryTxCommand(), "transaction", ""),
	)
	return cmd
}

// badConditions is the form of a node's error of a query's text.
var badConditions = regexp.MustCompile(`offset \d+: .*$`)

// queryTxsCommand is the SDK's query of transactions by their events. The node's
// error of a malformed query is that of its parser.
func queryTxsCommand() *cobra.Command {
	cmd := authcmd.QueryTxsByEventsCmd()
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		query := cmd.Flag(authcmd.FlagQuery)
		if err == nil || query == nil {
			return err
		}
		if why := badConditions.FindString(err.Error()); why != "" {
			return fmt.Errorf("--%s: expected conditions, such as \"message.sender='agoric1…' AND tx.height>5\", got %q: %s", query.Name, query.Value, why)
		}
		return err
	}
	return cmd
}

// queryTxCommand is the SDK's query of a transaction. The SDK's usage has --type
// as if it were required, and its error of an absent transaction is the RPC's.
func queryTxCommand() *cobra.Command {
	cmd := authcmd.QueryTxCmd()
	cmd.Use = "tx HASH|ADDRESS/SEQUENCE|SIGNATURE"
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return explainNoTx(run(cmd, args)) }
	return cmd
}

// timedOut matches the error of the SDK's wait-tx.
var timedOut = regexp.MustCompile(`^timed out waiting for transaction ([0-9A-F]+) `)

// absentInTime gives the SDK's wait-tx the error, and so the exit code, of a
// transaction that is in no block in time.
func absentInTime(cmd *cobra.Command) *cobra.Command {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if err == nil {
			return nil
		}
		found := timedOut.FindStringSubmatch(err.Error())
		limit, noLimit := cmd.Flags().GetDuration(rpc.TimeoutFlag)
		if found == nil || noLimit != nil {
			return err
		}
		hash, _ := hex.DecodeString(found[1])
		return &noBlockError{hash: hash, limit: limit, option: rpc.TimeoutFlag}
	}
	return cmd
}

// remarksToStderr keeps an SDK command's remarks ("Falling back to latest block
// height:") off standard output, where they would precede the answer.
func remarksToStderr(cmd *cobra.Command) *cobra.Command {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		// The client's context determines the output of the answer.
		cmd.SetOut(cmd.ErrOrStderr())
		return run(cmd, args)
	}
	return cmd
}

// withCommittedHeight gives an SDK command without a height that of the last
// block whose results are stored. Its own default is the last block received,
// which has no results while the kernel is at work on it.
func withCommittedHeight(cmd *cobra.Command) *cobra.Command {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return run(cmd, args)
		}
		clientCtx, err := client.GetClientQueryContext(cmd)
		if err != nil {
			return err
		}
		node, err := clientCtx.GetNode()
		if err != nil {
			return err
		}
		info, err := node.ABCIInfo(cmd.Context())
		if err != nil {
			return err
		}
		height := info.Response.LastBlockHeight
		if height == 0 {
			return errNoBlockYet
		}
		return run(cmd, []string{strconv.FormatInt(height, 10)})
	}
	return cmd
}
