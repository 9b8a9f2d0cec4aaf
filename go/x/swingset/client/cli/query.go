package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// QueryCommand returns `agd query swingset`, without the commands that the SDK
// generates.
func QueryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   types.ModuleName,
		Short: "Querying commands for the swingset module",
		RunE:  client.ValidateCmd,
	}
	cmd.AddCommand(
		accountQuery("egress ADDRESS", "Query what a provisioned account is",
			func(cmd *cobra.Command, query types.QueryClient, peer sdk.AccAddress) (proto.Message, error) {
				return query.Egress(cmd.Context(), &types.QueryEgressRequest{Peer: peer})
			}),
		accountQuery("mailbox ADDRESS", "Query what the kernel has for an account",
			func(cmd *cobra.Command, query types.QueryClient, peer sdk.AccAddress) (proto.Message, error) {
				return query.Mailbox(cmd.Context(), &types.QueryMailboxRequest{Peer: peer})
			}),
	)
	return cmd
}

func accountQuery(use, short string, ask func(*cobra.Command, types.QueryClient, sdk.AccAddress) (proto.Message, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		Example: "agd query swingset " + strings.Fields(use)[0] + " agoric1…",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			peer, err := sdk.AccAddressFromBech32(args[0])
			if err != nil {
				return err
			}
			answer, err := ask(cmd, types.NewQueryClient(ctx), peer)
			if err != nil {
				return err
			}
			return ctx.PrintProto(answer)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}
