// Package cli has the module's commands.
package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/gogoproto/proto"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// QueryCommand makes `agd query vstorage`, but for what the SDK makes of it.
func QueryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   types.ModuleName,
		Short: "Querying commands for the vstorage module",
		RunE:  client.ValidateCmd,
	}
	cmd.AddCommand(pathCommand())
	return cmd
}

// pathCommand asks for either of what a path has, as Agoric's followers write it.
func pathCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "path <path>",
		Short:   "Query the data at a path, or with a final \".\" the names right below it",
		Example: "agd query vstorage path published.agoricNames.",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			answer, err := ask(cmd, types.NewQueryClient(ctx), args[0])
			if err != nil {
				return err
			}
			return ctx.PrintProto(answer)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

func ask(cmd *cobra.Command, query types.QueryClient, path string) (proto.Message, error) {
	if parent, is := strings.CutSuffix(path, types.PathSeparator); is {
		return query.Children(cmd.Context(), &types.QueryChildrenRequest{Path: parent})
	}
	return query.Data(cmd.Context(), &types.QueryDataRequest{Path: path})
}
