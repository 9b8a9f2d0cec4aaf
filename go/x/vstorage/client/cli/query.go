// Package cli has the module's commands.
package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdkquery "github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/gogoproto/proto"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// QueryCommand returns `agd query vstorage`. Its output is upstream's,
// including empty fields.
func QueryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   types.ModuleName,
		Short: "Querying commands for the vstorage module",
		RunE:  client.ValidateCmd,
	}
	cmd.AddCommand(dataCommand(), childrenCommand(), pathCommand())
	return cmd
}

func dataCommand() *cobra.Command {
	return query(&cobra.Command{
		Use:     "data <path>",
		Short:   "Query the data at a path",
		Example: "agd query vstorage data published.agoricNames.brand",
		Args:    cobra.ExactArgs(1),
	}, func(cmd *cobra.Command, query types.QueryClient, path string) (proto.Message, error) {
		return query.Data(cmd.Context(), &types.QueryDataRequest{Path: path})
	})
}

func childrenCommand() *cobra.Command {
	cmd := query(&cobra.Command{
		Use:     "children [path]",
		Aliases: []string{"keys"},
		Short:   "Query the names directly below a path, or below the root",
		Example: "agd query vstorage children published",
		Args:    cobra.MaximumNArgs(1),
	}, func(cmd *cobra.Command, query types.QueryClient, path string) (proto.Message, error) {
		page, err := pageOf(cmd)
		if err != nil {
			return nil, err
		}
		return query.Children(cmd.Context(), &types.QueryChildrenRequest{Path: path, Pagination: page})
	})
	cmd.Flags().BytesBase64(pageKey, nil, "Start at this key, in base64: next_key of the previous page")
	cmd.Flags().Uint64(pageOffset, 0, "Number of names to skip")
	cmd.Flags().Uint64(pageLimit, 0, "Maximum number of names in a page; without any of these flags all names are returned")
	cmd.Flags().Bool(pageCountTotal, false, "Also return the total number of names")
	cmd.Flags().Bool(pageReverse, false, "List in reverse order")
	return cmd
}

const (
	pageKey        = "page-key"
	pageOffset     = "page-offset"
	pageLimit      = "page-limit"
	pageCountTotal = "page-count-total"
	pageReverse    = "page-reverse"
)

// pageOf reads the flags of a page; nil without any.
func pageOf(cmd *cobra.Command) (*sdkquery.PageRequest, error) {
	var page sdkquery.PageRequest
	var errs [5]error
	page.Key, errs[0] = cmd.Flags().GetBytesBase64(pageKey)
	page.Offset, errs[1] = cmd.Flags().GetUint64(pageOffset)
	page.Limit, errs[2] = cmd.Flags().GetUint64(pageLimit)
	page.CountTotal, errs[3] = cmd.Flags().GetBool(pageCountTotal)
	page.Reverse, errs[4] = cmd.Flags().GetBool(pageReverse)
	if page.Size() == 0 {
		return nil, errors.Join(errs[:]...)
	}
	return &page, errors.Join(errs[:]...)
}

// pathCommand queries either kind of data of a path, in the notation of
// Agoric's followers.
func pathCommand() *cobra.Command {
	return query(&cobra.Command{
		Use:     "path <path>",
		Short:   "Query the data at a path, or with a final \".\" the names directly below it",
		Example: "agd query vstorage path published.agoricNames.",
		Args:    cobra.ExactArgs(1),
	}, func(cmd *cobra.Command, query types.QueryClient, path string) (proto.Message, error) {
		if parent, is := strings.CutSuffix(path, types.PathSeparator); is {
			return query.Children(cmd.Context(), &types.QueryChildrenRequest{Path: parent})
		}
		return query.Data(cmd.Context(), &types.QueryDataRequest{Path: path})
	})
}

// query returns a command that queries a path, the root if there is no
// argument, and prints the response.
func query(cmd *cobra.Command, ask func(*cobra.Command, types.QueryClient, string) (proto.Message, error)) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, err := client.GetClientQueryContext(cmd)
		if err != nil {
			return err
		}
		path := ""
		if len(args) > 0 {
			path = args[0]
		}
		answer, err := ask(cmd, types.NewQueryClient(ctx), path)
		if err != nil {
			return err
		}
		return ctx.PrintProto(answer)
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}
