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
