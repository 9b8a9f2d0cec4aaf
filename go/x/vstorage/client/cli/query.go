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

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/client/pretty"
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
	cmd.AddCommand(dataCommand(), capDataCommand(), childrenCommand(), pathCommand(), followCommand())
	return cmd
}

func dataCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data <path>",
		Short: "Query the data at a path",
		Long: `Query the data at a path.

With --pretty they are shown as people read them: stream cells by block, CapData
(smallcaps and @qclass) as values, and JSON inside JSON. That is no JSON, and
scripts should not read it.

Exit codes: 0 there are data, which may be empty; 2 there are none (the answer
is printed all the same, with an empty value); 1 another failure.`,
		Example: "agd query vstorage data published.agoricNames.brand\nagd query vstorage data published.agoricNames.brand --pretty",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			return printData(cmd, ctx, args[0])
		},
	}
	addPretty(cmd)
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

const flagPretty = "pretty"

func addPretty(cmd *cobra.Command) {
	cmd.Flags().Bool(flagPretty, false, "Show the data as people read them: stream cells, CapData and nested JSON")
}

// printData prints the data at a path, and returns a NoDataError if there are
// none.
func printData(cmd *cobra.Command, ctx client.Context, path string) error {
	shown, _ := cmd.Flags().GetBool(flagPretty) // not all commands have it
	answer, err := types.NewQueryClient(ctx).Data(cmd.Context(), &types.QueryDataRequest{Path: path})
	if err != nil {
		return err
	}
	var none *NoDataError
	if answer.Value == "" {
		// Over gRPC the two cannot be distinguished.
		if _, _, err := dataAt(ctx, path, 0); err != nil && !errors.As(err, &none) && ctx.GRPCClient == nil {
			return err
		}
	}
	switch {
	case shown && none == nil:
		err = ctx.PrintString(pretty.Value(answer.Value) + "\n")
	case !shown:
		err = ctx.PrintProto(answer)
	}
	if err == nil && none != nil {
		return none
	}
	return err
}

const (
	flagMediaType       = "media-type"
	flagItemFormat      = "item-format"
	flagRemotableFormat = "remotable-value-format"
)

func capDataCommand() *cobra.Command {
	cmd := query(&cobra.Command{
		Use:   "capdata <path>",
		Short: "Query the CapData at a path as JSON Lines",
		Long: `Query the CapData at a path: a line of JSON for each value of a stream cell, or
one line for CapData alone. Bigints are strings of digits.

What JSON cannot show is refused: undefined, NaN, infinities, symbols, promises,
errors, and tagged values such as copySets. "agd query vstorage data --pretty"
shows them.`,
		Example: "agd query vstorage capdata published.agoricNames.brand\nagd query vstorage capdata published.wallet.agoric1… --item-format flat --remotable-value-format object",
		Args:    cobra.ExactArgs(1),
	}, func(cmd *cobra.Command, query types.QueryClient, path string) (proto.Message, error) {
		request := &types.QueryCapDataRequest{Path: path}
		var errs [3]error
		request.MediaType, errs[0] = cmd.Flags().GetString(flagMediaType)
		request.ItemFormat, errs[1] = cmd.Flags().GetString(flagItemFormat)
		request.RemotableValueFormat, errs[2] = cmd.Flags().GetString(flagRemotableFormat)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		return query.CapData(cmd.Context(), request)
	})
	cmd.Flags().String(flagMediaType, "JSON Lines", "The format of the values: JSON Lines")
	cmd.Flags().String(flagItemFormat, "", "flat: members of members become members whose names are joined by -")
	cmd.Flags().String(flagRemotableFormat, "string", "How remotables look: string or object")
	return cmd
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
	cmd := query(&cobra.Command{
		Use:     "path <path>",
		Short:   "Query the data at a path, or with a final \".\" the names directly below it",
		Example: "agd query vstorage path published.agoricNames.",
		Args:    cobra.ExactArgs(1),
	}, func(cmd *cobra.Command, query types.QueryClient, path string) (proto.Message, error) {
		return query.Children(cmd.Context(), &types.QueryChildrenRequest{Path: strings.TrimSuffix(path, types.PathSeparator)})
	})
	children := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if strings.HasSuffix(args[0], types.PathSeparator) {
			return children(cmd, args)
		}
		ctx, err := client.GetClientQueryContext(cmd)
		if err != nil {
			return err
		}
		return printData(cmd, ctx, args[0])
	}
	return cmd
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
