package cli

import (
	"errors"
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
		rpc.WaitTxCmd(), remarksToStderr(server.QueryBlockCmd()), server.QueryBlocksCmd(),
		withCommittedHeight(remarksToStderr(server.QueryBlockResultsCmd())), authcmd.QueryTxsByEventsCmd(), authcmd.QueryTxCmd(),
	)
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
			return errors.New("the chain has no block yet: wait until the node's log says `ready`")
		}
		return run(cmd, []string{strconv.FormatInt(height, 10)})
	}
	return cmd
}
