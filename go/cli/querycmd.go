package cli

import (
	"github.com/spf13/cobra"

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
		remarksToStderr(server.QueryBlockResultsCmd()), authcmd.QueryTxsByEventsCmd(), authcmd.QueryTxCmd(),
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
